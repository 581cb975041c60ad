import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig, stateDirectoryOf } from '../config/load.ts';
import { starterConfigPath } from '../config/starter.ts';
import { UsageError } from '../errors.ts';
import { ensureEmbedded, stopEmbedded } from '../postgres/embedded.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { count, type DemoSummary } from './count.ts';
import { demoConfig } from './demo-config.ts';
import { findNodeModules, readReadmes } from './readmes.ts';
import { clearSchool, holdsForeignDocuments, openSchool } from './school.ts';
import { startStudents } from './students.ts';
import { startUnleash, type UnleashServer } from './unleash-server.ts';

/** What the demo needs of the controller, given to it so that it drives the same one a person does. */
export interface DemoRollout {
  init(config: string): Promise<void>;
  /** `run --watch`: until every cohort is completed. */
  run(config: string): Promise<void>;
}

export interface DemoOptions {
  /** The folder whose `.dualpath/` holds the embedded database. */
  readonly directory: string;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly rollout: DemoRollout;
}

const DOCUMENTS = 400;
const UNLEASH_DATABASE = 'dualpath_demo_unleash';

/**
 * A school moves: real documents in an embedded database, students saving all the while, a real Unleash server, and the
 * cohorts of cohorts.yaml with soak and bake times of seconds. The summary is counted in the database afterwards.
 * @throws UsageError `demo-occupied` when the embedded database holds documents that are not the demo's.
 */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const { directory, note, signal, keep } = options;
  const stateDirectory = stateDirectoryOf(directory);
  const startedAt = performance.now();
  const { cohorts } = (await loadConfig(starterConfigPath())).config;
  const { url } = await ensureEmbedded(stateDirectory);
  note('PostgreSQL is up, embedded in .dualpath/.');
  const pool = openPool(url, { max: 10, applicationName: 'dualpath demo' });
  const stop: (() => Promise<unknown>)[] = [() => pool.end()];
  try {
    await openEmptySchool(pool, note);
    const unleash = await startFlagServer(pool, url, stateDirectory, note);
    stop.unshift(() => (keep ? Promise.resolve(unleash.server.release()) : unleash.server.stop()));
    const config = join(stateDirectory, 'demo.yaml');
    await writeFile(config, stringify(demoConfig(cohorts, unleash)), { mode: 0o600 });
    await options.rollout.init(config);
    const students = startStudents(pool, { writers: 3, pauseMs: 100 });
    note('Students are writing.');
    let saves = 0;
    try {
      await options.rollout.run(config);
    } finally {
      await students.stop();
      saves = students.saves();
    }
    signal.throwIfAborted();
    const seconds = (performance.now() - startedAt) / 1000;
    return { ...(await count(pool, config)), saves, seconds, config };
  } finally {
    for (const end of stop) await end();
    if (!keep) await stopEmbedded(stateDirectory);
  }
}

async function openEmptySchool(pool: Pool, note: DemoOptions['note']): Promise<void> {
  if (await holdsForeignDocuments(pool))
    throw new UsageError(
      'demo-occupied',
      'The embedded database here holds a documents table that the demo did not make, and the demo would replace it.',
      'Run the demo in another folder.',
    );
  await clearSchool(pool);
  const readmes = readReadmes(findNodeModules(), DOCUMENTS);
  await openSchool(pool, readmes);
  note(
    `A school with 240 people and ${readmes.length} real documents (READMEs of installed packages) is open.`,
  );
}

interface FlagServer {
  readonly server: UnleashServer;
  readonly adminToken: string;
  readonly clientToken: string;
}

/** Its secrets are made anew each time; its database is too, so that no earlier demo's flags are there. */
async function startFlagServer(
  pool: Pool,
  url: string,
  stateDirectory: string,
  note: DemoOptions['note'],
): Promise<FlagServer & { readonly url: string }> {
  await pool.query(`drop database if exists ${UNLEASH_DATABASE} with (force)`);
  await pool.query(`create database ${UNLEASH_DATABASE}`);
  await mkdir(stateDirectory, { recursive: true });
  const databaseUrl = new URL(url);
  databaseUrl.pathname = `/${UNLEASH_DATABASE}`;
  const secrets = {
    adminToken: `*:*.${randomBytes(24).toString('hex')}`,
    clientToken: `default:development.${randomBytes(24).toString('hex')}`,
  };
  const server = await startUnleash({ databaseUrl: databaseUrl.href, secrets });
  note(`Unleash is up at ${server.url}.`);
  return { server, url: server.url, ...secrets };
}
