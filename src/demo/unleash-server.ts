import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { UnavailableError, UsageError } from '../errors.ts';
import { findPeer, PEERS } from './peers.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5_000;

export interface UnleashSecrets {
  /** A whole admin token: `*:*.<secret>`. */
  readonly adminToken: string;
  /** A whole backend token: `<project>:<environment>.<secret>`. */
  readonly clientToken: string;
  /** Of the user `admin` of its pages, where the database is new; else nobody knows it. */
  readonly adminPassword?: string;
}

export interface UnleashServer {
  readonly url: string;
  readonly pid: number;
  /** Lets this process end while the server goes on; without it the server ends with its parent, however that ends. */
  release(): void;
  /** Ends the server this call started, and nothing else; safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts the real Unleash server as a child process on 127.0.0.1. `databaseUrl` is a database of its own (empty, or one
 * that an Unleash with the same tokens used before); `postgres://user@/name?host=/socket/folder` works too.
 * About 4 s the first time (it migrates its database), 2 s later.
 * @throws UsageError when the optional peer `unleash-server` is not installed; UnavailableError when it does not start.
 */
export async function startUnleash(options: {
  readonly databaseUrl: string;
  readonly port?: number;
  readonly secrets: UnleashSecrets;
  /** Ends a server that is still starting. */
  readonly signal?: AbortSignal;
}): Promise<UnleashServer> {
  options.signal?.throwIfAborted();
  const entry = findUnleash();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD], {
    env: environmentOf(options, entry),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C in the terminal is for the parent, which still needs the server to finish.
    detached: true,
  });
  const complaints = tail(child);
  const interrupt = (): void => void child.kill('SIGKILL');
  options.signal?.addEventListener('abort', interrupt);
  try {
    const port = await listening(child);
    const url = `http://127.0.0.1:${port}`;
    await checkHealth(url, options.secrets.adminToken);
    return { url, pid: pidOf(child), release: () => release(child), stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    options.signal?.throwIfAborted();
    throw notStarted(error, hide(complaints(), secretsOf(options)));
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
  }
}

/**
 * Runs from the sources and from the build alike, which is why it is text. It ends when the parent's channel closes, and
 * with its database: Unleash itself would go on for a minute without one, answering that its health is good.
 */
const CHILD = `
import { createRequire } from 'node:module';
let released = false;
process.on('message', (message) => { if (message === 'release') { released = true; process.disconnect(); } });
process.on('disconnect', () => { if (!released) process.exit(0); });
const { start } = await import(process.env.DUALPATH_UNLEASH_ENTRY);
const unleash = await start({
  server: { host: '127.0.0.1', port: Number(process.env.DUALPATH_UNLEASH_PORT) },
  enableOAS: false,
  versionCheck: { enable: false },
  clientFeatureCaching: { enabled: false },
});
const { Client } = createRequire(process.env.DUALPATH_UNLEASH_ENTRY)('pg');
const lifeline = new Client({ connectionString: process.env.DATABASE_URL, keepAlive: true });
lifeline.on('error', () => process.exit(0)).on('end', () => process.exit(0));
await lifeline.connect();
const ready = () => process.send({ port: unleash.server.address().port });
unleash.server.listening ? ready() : unleash.server.once('listening', ready);
`;

/** Nothing is inherited but what a process needs to run: a DATABASE_URL or UNLEASH_* of the caller means something else. */
function environmentOf(
  { databaseUrl, port = 0, secrets }: Parameters<typeof startUnleash>[0],
  entry: string,
): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );
  return {
    ...inherited,
    TZ: 'UTC',
    NODE_ENV: 'production',
    SEND_TELEMETRY: 'false',
    CHECK_VERSION: 'false',
    LOG_LEVEL: 'error',
    DATABASE_URL: databaseUrl,
    DATABASE_SSL: 'false',
    INIT_ADMIN_API_TOKENS: secrets.adminToken,
    INIT_BACKEND_API_TOKENS: secrets.clientToken,
    UNLEASH_SECRET: randomBytes(24).toString('hex'),
    UNLEASH_DEFAULT_ADMIN_USERNAME: 'admin',
    UNLEASH_DEFAULT_ADMIN_PASSWORD: secrets.adminPassword ?? randomBytes(24).toString('hex'),
    DUALPATH_UNLEASH_ENTRY: entry,
    DUALPATH_UNLEASH_PORT: String(port),
  };
}

function findUnleash(): string {
  const entry = findPeer('unleash-server', process.cwd());
  if (entry !== undefined) return pathToFileURL(entry).href;
  throw new UsageError(
    'unleash-server-missing',
    'The Unleash server is not installed; it is an optional part of dualpath.',
    `Run: npm install --save-dev unleash-server@${PEERS['unleash-server']}`,
  );
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`it did not listen within ${START_LIMIT_MS / 1000} s`)),
      START_LIMIT_MS,
    );
    const settle = (): void => clearTimeout(limit);
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      reject(new Error(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    child.once('message', (message) => {
      settle();
      resolve((message as { readonly port: number }).port);
    });
  });
}

/** `/health` says that it serves; the admin call, that its database knows our token (an old database keeps old tokens). */
async function checkHealth(url: string, adminToken: string): Promise<void> {
  const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(10_000) });
  if (!health.ok) throw new Error(`its health check answered ${health.status}`);
  const admin = await fetch(`${url}/api/admin/projects`, {
    headers: { authorization: adminToken },
    signal: AbortSignal.timeout(10_000),
  });
  await Promise.all([health.text(), admin.text()]);
  if (admin.status === 401) throw new Error('its database was set up earlier with other tokens');
  if (!admin.ok) throw new Error(`its admin API answered ${admin.status}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exit;
  clearTimeout(limit);
}

function release(child: ChildProcess): void {
  if (child.connected) child.send('release');
  child.stderr?.destroy();
  child.unref();
}

function ended(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('it has no process id');
  return child.pid;
}

/** The last lines it wrote to stderr, for the error of a start that failed. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => text.trim();
}

function secretsOf({ databaseUrl, secrets }: Parameters<typeof startUnleash>[0]): readonly string[] {
  const password = /^[^:]+:\/\/[^:@/]*:([^@]+)@/.exec(databaseUrl)?.[1];
  const tokens = [secrets.adminToken, secrets.clientToken, secrets.adminPassword ?? ''].flatMap((token) => [
    token,
    token.split('.').at(-1) ?? token,
  ]);
  return password === undefined ? tokens : [...tokens, password, decodeURIComponent(password)];
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

function notStarted(error: unknown, complaints: string): UnavailableError {
  const why = error instanceof Error ? error.message : String(error);
  return new UnavailableError(
    'unleash-server-start',
    `The Unleash server did not start: ${why}.`,
    'Look at what it said in the details; most often its database cannot be reached or is not its own.',
    { said: complaints },
  );
}
