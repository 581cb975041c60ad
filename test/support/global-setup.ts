import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { processExists } from '../../src/postgres/embedded/staging.ts';
import { ensureEmbedded, stopEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly serverUrl: string;
    readonly serverDirectory: string;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PREFIX = 'dualpath-test-';
/** Unleash, the CLI and two test files at once each bring pools of their own. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
const KEEP_FAILED_MS = 2 * 3600 * 1000;

/** One server for the whole run, which loses its data in a power cut and is the faster for it; dist for the CLI tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  build();
  await sweep();
  const home = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Under root the server has an account of its own, which must be able to pass.
  chmodSync(home, 0o711);
  const directory = join(home, '.dualpath');
  const teardown = async () => {
    await stopEmbedded(directory);
    if (!existsSync(join(home, 'kept'))) remove(home);
  };
  try {
    const { url } = await ensureEmbedded(directory, { settings: FAST });
    await makeTemplate(url);
    project.provide('serverUrl', url);
    project.provide('serverDirectory', directory);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** Type errors are `npm run check`'s to report: the tests run what was emitted. */
function build(): void {
  const done = spawnSync(process.execPath, [join(ROOT, 'scripts/build.js')], { encoding: 'utf8' });
  if (done.status !== 0)
    console.error(`The build reported:\n${`${done.stdout}${done.stderr}`.slice(0, 2_000)}`);
}

async function makeTemplate(url: string): Promise<void> {
  await withPool(url, async (pool) => {
    await pool.query('create database dualpath_template');
  });
  const templateUrl = new URL(url);
  templateUrl.pathname = '/dualpath_template';
  await withPool(templateUrl.href, migrate);
  // Nobody may connect: Postgres copies a database only while no session is in it.
  await withPool(url, (pool) => pool.query('alter database dualpath_template with allow_connections false'));
}

async function withPool<T>(url: string, work: (pool: ReturnType<typeof openPool>) => Promise<T>): Promise<T> {
  const pool = openPool(url, { max: 1, applicationName: 'dualpath-test-setup' });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** What runs that were killed left behind, and databases kept for somebody who did not come to look. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    const home = join(tmpdir(), name);
    if (pid === undefined || processExists(Number(pid))) continue;
    // Of another user, or removed by another run at this moment.
    if (statSync(home, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    const kept = statSync(join(home, 'kept'), { throwIfNoEntry: false });
    if (kept !== undefined && Date.now() - kept.mtimeMs < KEEP_FAILED_MS) continue;
    await stopEmbedded(join(home, '.dualpath')).catch(() => undefined);
    remove(home);
  }
}

function remove(home: string): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
