import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { giveToOwnerOf } from './account.ts';

/** What the next command needs to find and enter the server: `<directory>/postgres.json`, readable by its owner alone. */
export interface ServerRecord {
  readonly password: string;
  /** The port of the last start; taken again when it is free, so that a URL somebody noted goes on working. */
  readonly port: number;
  /** The data folder, when it cannot be inside the directory. */
  readonly data?: string;
}

/** Undefined where no server was ever made. */
export function readRecord(directory: string): ServerRecord | undefined {
  const path = recordPath(directory);
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (isRefusal(error)) throw notYours(path);
    throw new UsageError(
      'embedded-record',
      `${path} is damaged, and without the password in it nobody can enter the embedded database.`,
      'Restore that file, or remove its folder to begin with an empty database.',
    );
  }
}

/** Of two commands that create it at once, one does, and both go on with the same. */
export function createRecord(directory: string, record: ServerRecord): ServerRecord {
  const staged = writeBeside(directory, record);
  try {
    linkSync(staged, recordPath(directory));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(staged, { force: true });
  }
  return readRecord(directory) ?? record;
}

export function replaceRecord(directory: string, record: ServerRecord): void {
  renameSync(writeBeside(directory, record), recordPath(directory));
}

export function dataPath(directory: string, record: ServerRecord): string {
  return record.data ?? join(directory, 'data');
}

export function notYours(path: string): UsageError {
  return new UsageError(
    'embedded-owner',
    `${path} belongs to another user of this machine, and this one may not use it.`,
    'Run dualpath as the user who owns the folder, or from a folder of your own.',
  );
}

export function isRefusal(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function recordPath(directory: string): string {
  return join(directory, 'postgres.json');
}

function parse(text: string): ServerRecord {
  const record = JSON.parse(text) as ServerRecord;
  if (typeof record.password !== 'string' || typeof record.port !== 'number')
    throw new SyntaxError('incomplete');
  return record;
}

/** Renamed or linked into place when it is whole: a killed command leaves no half a record. */
function writeBeside(directory: string, record: ServerRecord): string {
  const path = `${recordPath(directory)}.${randomBytes(6).toString('hex')}`;
  writeFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  giveToOwnerOf(directory, path);
  return path;
}
