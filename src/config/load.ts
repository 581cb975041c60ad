import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { checkCohorts } from './cohort-order.ts';
import type { Config } from './config.ts';
import { checkConsistency } from './consistency.ts';
import { configFromFile } from './from-file.ts';
import { configInvalid } from './mistakes.ts';
import { parseFile } from './parse.ts';
import { checkStructure } from './structure.ts';
import type { Environment } from './substitute.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute. */
  readonly path: string;
  /** The folder of the file, to which paths in it are relative. */
  readonly directory: string;
  /** Where the embedded database and other local state live. */
  readonly stateDirectory: string;
}

/**
 * Reads and checks a config file; nothing else is touched.
 * @throws UsageError `config-not-found`, `config-unreadable`, or `config-invalid` with every mistake in it.
 */
export async function loadConfig(path: string, env: Environment = process.env): Promise<LoadedConfig> {
  const absolute = resolve(path);
  const config = parseConfig(await readText(path), { path, env });
  const directory = dirname(absolute);
  return { config, path: absolute, directory, stateDirectory: stateDirectoryOf(directory) };
}

/** Where the embedded database of a config in this folder lives; a config inside such a folder belongs to it. */
export const stateDirectoryOf = (directory: string): string =>
  basename(directory) === STATE_DIRECTORY ? directory : join(directory, STATE_DIRECTORY);

const STATE_DIRECTORY = '.dualpath';

/** The config that a text means. `path` is how messages name it. */
export function parseConfig(text: string, { path, env }: { path: string; env: Environment }): Config {
  const parsed = parseFile(text, env);
  if (!parsed.readable) throw configInvalid(path, parsed.mistakes);
  if (parsed.data === undefined || parsed.data === null) throw emptyFile(path);
  const { file, findings } = checkStructure(parsed);
  const all = [...findings, ...checkConsistency(parsed), ...checkCohorts(parsed.data)];
  const mistakes = [...parsed.mistakes, ...all.map(parsed.locate)];
  if (file === null || mistakes.length > 0) throw configInvalid(path, mistakes);
  return configFromFile(file, env);
}

/** Far more than any config: a file this long is another file. */
const MOST_BYTES = 1_000_000;

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error.code ?? 'unknown');
  });
  if (bytes.length > MOST_BYTES) throw notText(path, `is ${bytes.length} bytes long, which no config is`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notText(path, 'is not UTF-8 text');
  }
}

function unreadable(path: string, code: string): UsageError {
  if (code === 'ENOENT')
    return new UsageError(
      'config-not-found',
      `There is no config file at ${path}.`,
      'Run `dualpath init` to write one, or name another with --config.',
      { path },
    );
  const reasons: Readonly<Record<string, string>> = {
    EISDIR: 'it is a directory',
    EACCES: 'this user has no permission to read it',
    EPERM: 'this user has no permission to read it',
    ENOTDIR: 'a part of the path is not a directory',
    ELOOP: 'its symbolic links lead in a circle',
  };
  return new UsageError(
    'config-unreadable',
    `The config file ${path} cannot be read: ${reasons[code] ?? `the system answers ${code}`}.`,
    'Name a file that can be read with --config.',
    { path, reason: code },
  );
}

const notText = (path: string, problem: string): UsageError =>
  new UsageError('config-unreadable', `The file ${path} ${problem}.`, 'Name a cohorts.yaml with --config.', {
    path,
  });

const emptyFile = (path: string): UsageError =>
  new UsageError(
    'config-invalid',
    `The config file ${path} is empty.`,
    'Remove it and run `dualpath init`, which writes a commented one where there is none.',
    { path, mistakes: [] },
  );
