import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { UnavailableError } from '../errors.ts';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { DATABASE, ensureCluster, SUPERUSER, spawnServerProgram } from './embedded/cluster.ts';
import { type Folder, findFolder, makeFolder, SHARED_PLACE } from './embedded/folder.ts';
import { type Log, openLog, reasonIn } from './embedded/log.ts';
import {
  exited,
  forgetPostmaster,
  isAlive,
  type Postmaster,
  processesIn,
  readPostmaster,
} from './embedded/postmaster.ts';
import { replaceRecord } from './embedded/record.ts';

/** A recovery after a crash replays the log since the last checkpoint: seconds, on a slow disk many of them. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;

export interface EmbeddedOptions {
  /** Server settings over dualpath's own, for tests: `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where root puts what the server's account cannot reach elsewhere; /var/lib/dualpath but for tests. */
  readonly sharedPlace?: string;
}

/**
 * The URL of the database `dualpath` of the embedded server in `directory` (the `.dualpath` folder), which is created,
 * started or recovered as need be and goes on running when this process ends. Safe to call from several processes.
 *
 * It listens on 127.0.0.1 alone, with a random password that only the owner of the folder can read: unlike a socket,
 * that works for every client, however long the folder's path and whoever the server runs as.
 *
 * Two starters need no lock of their own: a data folder appears whole (see `ensureCluster`), and Postgres lets one
 * server into it; the other finds it running.
 *
 * @throws UsageError without the peer package, or with data of another major version; UnavailableError when it does not start
 */
export async function ensureEmbedded(
  directory: string,
  options: EmbeddedOptions = {},
): Promise<{ url: string; started: boolean }> {
  const sharedPlace = options.sharedPlace ?? SHARED_PLACE;
  const folder = makeFolder(directory, sharedPlace);
  const running = await settled(folder);
  if (running !== undefined) return { url: urlOf(folder, running), started: false };
  const places = [dirname(folder.directory), process.cwd()];
  const binaries = findBinaries(places, folder.account, copiesFor(folder, sharedPlace));
  await ensureCluster(folder, binaries, { sync: options.settings?.fsync !== 'off' });
  return start(folder, binaries, options.settings ?? {});
}

/** Whether `stopEmbedded` would stop anything. */
export function isEmbeddedRunning(directory: string): boolean {
  const folder = findFolder(directory);
  return folder !== undefined && alive(folder.data) !== undefined;
}

/** False when no server was running. Connections are cut, what they committed is kept. */
export async function stopEmbedded(directory: string): Promise<boolean> {
  const folder = findFolder(directory);
  const running = folder === undefined ? undefined : alive(folder.data);
  if (folder === undefined || running === undefined) return false;
  process.kill(running.pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(folder.data, running.pid)) {
    if (Date.now() > deadline) {
      throw new UnavailableError(
        'embedded-stop',
        `The embedded database (process ${running.pid}) was told to stop and has not stopped in ${STOP_TIMEOUT_MS / 1000} s.`,
        `Run the same command again, or look into ${folder.log}.`,
        { pid: running.pid },
      );
    }
    await sleep(20);
  }
  return true;
}

async function start(
  folder: Folder,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; started: boolean }> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let port = folder.record.port || (await freePort());
  for (;;) {
    const running = await settled(folder);
    if (running !== undefined) return { url: urlOf(folder, running), started: false };
    const log = openLog(folder);
    try {
      const pid = await launch(folder, binaries, { ...baseSettings(port), ...settings }, log);
      if (pid !== undefined) {
        if (folder.record.port !== port) replaceRecord(folder.directory, { ...folder.record, port });
        return { url: urlOf(folder, { port }), started: true };
      }
      const said = log.text();
      if (/Address already in use|could not bind/.test(said)) port = await freePort();
      else if (!canClear(said) || Date.now() > deadline) throw failed(folder, said);
      else await sleep(100);
    } finally {
      log.close();
    }
  }
}

/** The pid of the new server once it takes connections; undefined when it ended instead. */
async function launch(
  folder: Folder,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>,
  log: Log,
): Promise<number | undefined> {
  const args = [
    '-D',
    folder.data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const child = spawnServerProgram(folder.account, binaries.postgres, args, {
    stdio: ['ignore', log.fd, log.fd],
    // A group of its own: Ctrl-C on a command is not for the server.
    detached: true,
  });
  await once(child, 'spawn');
  child.unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!exited(child)) {
    const postmaster = readPostmaster(folder.data);
    if (postmaster?.pid === child.pid && postmaster?.ready) return child.pid;
    if (Date.now() > deadline) throw failed(folder, log.text());
    await sleep(10);
  }
  return undefined;
}

/** The running server once it takes connections; undefined when there is none, with what a dead one left cleared away. */
async function settled(folder: Folder): Promise<Postmaster | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const found = existsSync(folder.data) ? readPostmaster(folder.data) : undefined;
    if (found === undefined) return undefined;
    if (!isAlive(folder.data, found.pid)) {
      forgetPostmaster(folder.data, found.pid);
      return undefined;
    }
    if (found.ready && (await answers(folder, found))) return found;
    if (Date.now() > deadline) throw failed(folder, '');
    await sleep(20);
  }
}

function alive(data: string): Postmaster | undefined {
  const found = readPostmaster(data);
  return found !== undefined && isAlive(data, found.pid) ? found : undefined;
}

/** `postmaster.pid` says ready until the very end of a shutdown, so ask. */
async function answers(folder: Folder, postmaster: Postmaster): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(folder, postmaster),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    // A wrong password or a missing database is an answer, and waiting will not change it.
    return ['28P01', '3D000', '53300'].includes((error as { code?: string }).code ?? '');
  } finally {
    await client.end().catch(() => undefined);
  }
}

function baseSettings(port: number): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',
    // A login takes milliseconds here; one that stays half way holds up DROP DATABASE for all that time.
    authentication_timeout: '10s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    // A failing statement and the row it failed on may hold a document: the log names neither.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
}

/** Another starter is in, or the last processes of a killed server are still leaving. */
function canClear(said: string): boolean {
  return /lock file ".*" (?:already exists|is empty)|pre-existing shared memory block|is still in use|being started up/.test(
    said,
  );
}

function failed(folder: Folder, said: string): UnavailableError {
  // A server that was killed while a statement ran: its process reads on, and keeps a new server out of the data.
  const left = /still in use/.test(said) ? processesIn(folder.data) : [];
  return new UnavailableError(
    'embedded-start',
    `The embedded database does not start: ${reasonIn(said)}`,
    left.length > 0
      ? `End the processes ${left.join(', ')}, which are left of the server before, and run the same command again.`
      : `Mend what it says and run the same command again; the whole text is in ${folder.log}.`,
    { log: said.trimEnd().split('\n').slice(-20) },
  );
}

function urlOf(folder: Folder, server: { readonly port: number }): string {
  return `postgres://${SUPERUSER}:${folder.record.password}@127.0.0.1:${server.port}/${DATABASE}`;
}

/** Where programs are copied to that cannot run where npm put them: an account of its own needs them in the open. */
function copiesFor(folder: Folder, sharedPlace: string): string {
  return folder.account.uid === undefined ? folder.directory : sharedPlace;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
