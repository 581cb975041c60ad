import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig, stateDirectoryOf } from '../config/load.ts';
import { starterConfigPath } from '../config/starter.ts';
import { openStores } from '../documents/stores.ts';
import { UsageError } from '../errors.ts';
import { openDocumentStore } from '../index.ts';
import { ensureEmbedded, stopEmbedded } from '../postgres/embedded.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { count, type DemoCount, isSound } from './count.ts';
import { demoConfig } from './demo-config.ts';
import { type FlagServer, startFlagServer } from './flag-server.ts';
import { onlyDemo } from './only-demo.ts';
import { requirePeers } from './peers.ts';
import { findNodeModules, readReadmes } from './readmes.ts';
import { clearSchool, foreignTable, openSchool, PEOPLE } from './school.ts';
import { type Students, startStudents } from './students.ts';

/** What the demo needs of the controller, given to it so that it drives the same one a person does. */
export interface DemoRollout {
  init(config: string): Promise<void>;
  /** `run --watch`: until every cohort is completed. `stepped` is called after each step. */
  run(config: string, how: { signal: AbortSignal; stepped: () => void }): Promise<void>;
  /** `verify`: takes in what was written last, and compares every document. */
  verify(config: string): Promise<void>;
  /** Looks at each merge that holds a flip, leaves the document as it is, and says of each why it was to be looked at. */
  review(config: string): Promise<readonly string[]>;
  /** What each cohort that is not completed waits for, as `status` says it. */
  waitingFor(config: string): Promise<readonly string[]>;
}

export interface DemoOptions {
  /** The folder whose `.dualpath/` holds the embedded database. */
  readonly directory: string;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly rollout: DemoRollout;
  /** Real documents, if there are as many. */
  readonly documents?: number;
  /** The demo ends when the rollout has taken no step for so long. Milliseconds. */
  readonly patienceMs?: number;
}

/** What the demo ends with. */
export interface DemoSummary extends DemoCount {
  /** Everything moved, on proof, and nothing lost or doubled. */
  readonly sound: boolean;
  /** What happened once, by name. */
  readonly scenes: readonly string[];
  readonly seconds: number;
  readonly config: string;
  /** Where Unleash goes on running, with `keep`. */
  readonly unleash: string | null;
}

const DOCUMENTS = 320;
const PATIENCE_MS = 120_000;

/**
 * A school moves: real documents in an embedded database, students saving all the while, a real Unleash server, and the
 * cohorts of cohorts.yaml with soak and bake times of seconds. The summary is counted in the database afterwards.
 * However it ends, nothing of it goes on running, unless it came to its end and `keep` is set.
 * @throws UsageError `demo-occupied` when the embedded database holds what is not the demo's, `demo-peers-missing`;
 *   HeldError `demo-running`
 */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const { directory, note, keep } = options;
  requirePeers(directory);
  const stateDirectory = stateDirectoryOf(directory);
  const startedAt = performance.now();
  const { url, started } = await ensureEmbedded(stateDirectory);
  note('PostgreSQL is up, embedded in .dualpath/.');
  const pool = openPool(url, { max: 10, applicationName: 'dualpath demo' });
  // A database that is somebody else's is left as it was found.
  let stopping = started;
  try {
    return await onlyDemo(pool, async () => {
      await refuseForeign(pool);
      stopping = true;
      await openEmptySchool(pool, options);
      const summary = await withFlagServer(pool, url, options, async (unleash) => {
        const config = await writeConfig(stateDirectory, unleash);
        const rolled = await rollOut(pool, config, options);
        const seconds = (performance.now() - startedAt) / 1000;
        return { ...rolled, sound: isSound(rolled), seconds, config, unleash: keep ? unleash.url : null };
      });
      stopping = !keep;
      return summary;
    });
  } finally {
    await pool.end();
    if (stopping) await stopEmbedded(stateDirectory);
  }
}

async function refuseForeign(pool: Pool): Promise<void> {
  const table = await foreignTable(pool);
  if (table !== undefined)
    throw new UsageError(
      'demo-occupied',
      `The embedded database here holds rows that the demo did not make, in ${table}, and the demo would replace what dualpath knows of them.`,
      'Run the demo in another folder.',
      { table },
    );
}

async function openEmptySchool(pool: Pool, { note, documents }: DemoOptions): Promise<void> {
  await clearSchool(pool);
  const readmes = readReadmes(findNodeModules(), documents ?? DOCUMENTS);
  await openSchool(pool, readmes);
  note(
    `A school with ${PEOPLE} people and ${readmes.length} real documents (READMEs of installed packages) is open.`,
  );
}

/** Goes on after `work` where the demo is kept; where it failed it ends in any case. */
async function withFlagServer<T>(
  pool: Pool,
  url: string,
  { signal, note, keep }: DemoOptions,
  work: (unleash: FlagServer) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const unleash = await startFlagServer(pool, url, signal);
  let stopping = true;
  try {
    note(`Unleash is up at ${unleash.url}.`);
    const result = await work(unleash);
    stopping = !keep;
    return result;
  } finally {
    if (stopping) await unleash.server.stop();
    else unleash.server.release();
  }
}

/** Readable by its owner alone: it holds the tokens. */
async function writeConfig(stateDirectory: string, unleash: FlagServer): Promise<string> {
  const { cohorts } = (await loadConfig(starterConfigPath())).config;
  const path = join(stateDirectory, 'demo.yaml');
  const pages = `# Unleash: ${unleash.url}, user admin, password ${unleash.adminPassword}\n`;
  await writeFile(path, pages + stringify(demoConfig(cohorts, unleash)), { mode: 0o600 });
  return path;
}

async function rollOut(
  pool: Pool,
  config: string,
  options: DemoOptions,
): Promise<DemoCount & Pick<DemoSummary, 'scenes'>> {
  const { rollout, signal, note } = options;
  signal.throwIfAborted();
  await rollout.init(config);
  const stores = await openStores(pool, (await loadConfig(config)).config);
  const documents = await openDocumentStore({ config, pool });
  const students = await startStudents({ pool, documents, config }, stores, {
    note,
    review: () => rollout.review(config),
  });
  note('Students are writing in each cohort, with the editor that the server tells them to open.');
  let completed = false;
  let scenes: readonly string[] = [];
  try {
    completed = await untilCompleted(config, students, options);
  } finally {
    scenes = await students.stop();
  }
  if (!completed) {
    note('The rollout gets no further:');
    for (const line of await rollout.waitingFor(config)) note(`  ${line}`);
  }
  // What they wrote last is on its way still.
  await rollout.verify(config);
  signal.throwIfAborted();
  return { ...(await count(pool, config)), scenes };
}

/** False: the rollout took no step for too long. */
async function untilCompleted(
  config: string,
  students: Students,
  { rollout, signal, patienceMs = PATIENCE_MS }: DemoOptions,
): Promise<boolean> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), patienceMs);
  try {
    await rollout.run(config, {
      signal: AbortSignal.any([signal, students.trouble, stalled.signal]),
      stepped: () => timer.refresh(),
    });
    return true;
  } catch (error) {
    if (!stalled.signal.aborted || signal.aborted || students.trouble.aborted) throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}
