import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Account, giveToOwnerOf, ownerOf, serverAccount, succeedsAs } from './account.ts';
import { createRecord, dataPath, isRefusal, notYours, readRecord, type ServerRecord } from './record.ts';

/** Where everything of one embedded server is. */
export interface Folder {
  readonly directory: string;
  readonly data: string;
  readonly log: string;
  readonly account: Account;
  readonly record: ServerRecord;
}

/** Where root keeps data and programs that the server's account could not reach elsewhere. */
export const SHARED_PLACE = '/var/lib/dualpath';

/** The folder of a server that was made before; undefined where there is none. */
export function findFolder(directory: string): Folder | undefined {
  const record = readRecord(resolve(directory));
  return record === undefined ? undefined : folderOf(resolve(directory), record);
}

/** Makes the folder and its record, not yet the data; safe to repeat, and for two commands at once. */
export function makeFolder(directory: string, sharedPlace: string): Folder {
  const path = resolve(directory);
  try {
    makeDirectory(path);
    const record = readRecord(path) ?? createRecord(path, newRecord(path, sharedPlace));
    return folderOf(path, record);
  } catch (error) {
    throw isRefusal(error) ? notYours(path) : error;
  }
}

function folderOf(directory: string, record: ServerRecord): Folder {
  const data = dataPath(directory, record);
  // Data that exists is served by its owner, whatever accounts came to this machine since.
  const account = process.getuid?.() === 0 && existsSync(data) ? ownerOf(data) : serverAccount(directory);
  return { directory, data, log: join(directory, 'postgres.log'), account, record };
}

function makeDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) {
    writeFileSync(join(path, '.gitignore'), '*\n');
    giveToOwnerOf(dirname(path), join(path, '.gitignore'));
    giveToOwnerOf(dirname(path), path);
  }
  // The server's account passes through to its data; the files beside it stay closed.
  const { uid } = serverAccount(path);
  const stat = statSync(path);
  if (uid !== undefined && uid !== stat.uid) chmodSync(path, stat.mode | 0o011);
}

function newRecord(directory: string, sharedPlace: string): ServerRecord {
  const password = randomBytes(24).toString('hex');
  if (succeedsAs(serverAccount(directory), 'test -x "$1"', directory)) return { password, port: 0 };
  return { password, port: 0, data: join(sharedPlace, randomBytes(8).toString('hex'), 'data') };
}
