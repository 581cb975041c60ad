import { readFile } from 'node:fs/promises';

/** The commented config that `dualpath init` writes where there is none: the one at the top of the package. */
export function readStarterConfig(): Promise<string> {
  return readFile(new URL('../../cohorts.yaml', import.meta.url), 'utf8');
}
