import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';

/** The account the server runs as; without a uid it is the account of this process. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Postgres refuses to run as root, so root runs it as the owner of `path` (or of its nearest existing parent), else as
 * `postgres`, else as `nobody`. An owner without a name on this machine (a mounted folder) will not do for initdb.
 */
export function serverAccount(path: string): Account {
  if (process.getuid?.() !== 0) return {};
  const owner = ownerOf(path);
  if (owner.uid !== 0 && accountName(owner.uid) !== undefined) return owner;
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf(['-u', name]);
    const gid = idOf(['-g', name]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new UsageError(
    'embedded-account',
    'PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody account to run it as.',
    'Run dualpath as an ordinary user.',
  );
}

/** Whether a shell test (`test -x "$1"`, …) succeeds for the account, with nothing but its own rights. */
export function succeedsAs(account: Account, script: string, ...args: readonly string[]): boolean {
  if (account.uid === undefined && process.platform === 'win32') return true;
  const done = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
    ...account,
    cwd: '/',
    env: {},
    stdio: 'ignore',
    timeout: 20_000,
  });
  return done.status === 0;
}

export function giveTo(account: Account, path: string): void {
  if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);
}

/** What root makes in a user's folder shall belong to that user. */
export function giveToOwnerOf(folder: string, path: string): void {
  if (process.getuid?.() === 0) giveTo(ownerOf(folder), path);
}

export function ownerOf(path: string): { uid: number; gid: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? ownerOf(dirname(path)) : { uid: stat.uid, gid: stat.gid };
}

/** Makes the folders that are missing such that every account can pass through them, whatever the umask. */
export function makePassable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  makePassable(dirname(path));
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o711);
}

function accountName(uid: number): string | undefined {
  return output(['-nu', String(uid)]);
}

function idOf(args: readonly string[]): number | undefined {
  const text = output(args);
  return text === undefined ? undefined : Number(text);
}

function output(args: readonly string[]): string | undefined {
  try {
    return execFileSync('id', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
