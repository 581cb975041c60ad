import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';

/** The commented config at the top of the package. */
export const starterConfigPath = (): string => fileURLToPath(new URL('../../cohorts.yaml', import.meta.url));

export const readStarterConfig = (): Promise<string> => readFile(starterConfigPath(), 'utf8');

/**
 * Writes the starter config where there is no file yet; a file that is there is never touched.
 * @throws UsageError `config-exists`, or `config-unwritable` saying why.
 */
export async function writeStarterConfig(path: string): Promise<void> {
  const text = await readStarterConfig();
  await writeFile(path, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw refusal(path, error.code ?? 'unknown');
  });
}

function refusal(path: string, code: string): UsageError {
  if (code === 'EEXIST')
    return new UsageError(
      'config-exists',
      `There is something at ${path} already, and it was left as it is.`,
      'Run `dualpath init` again to install into its database, or name another file with --config.',
      { path },
    );
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'a part of the path is not a directory',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  };
  return new UsageError(
    'config-unwritable',
    `The config file ${path} cannot be written: ${reasons[code] ?? `the system answers ${code}`}.`,
    'Name a path that can be written with --config.',
    { path, reason: code },
  );
}
