import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Where something is made before it is renamed to `path`, whole: beside it, under a name that says which process makes
 * it, so that what a killed process left can be told from what is being made.
 */
export function stagingFor(path: string): string {
  return `${path}.new-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Removes what killed processes left beside `path`. */
export function sweepStaging(path: string): void {
  const prefix = `${basename(path)}.new-`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix) || processExists(Number(name.slice(prefix.length).split('-')[0]))) continue;
    try {
      rmSync(join(dirname(path), name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // A program that the dead process had started is still writing there: the next command removes it.
    }
  }
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
