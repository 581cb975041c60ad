import { userInfo } from 'node:os';
import type { LoadedConfig } from '../config/load.ts';
import { requireInstallation } from '../documents/installation.ts';
import { openStores } from '../documents/stores.ts';
import type { Operator } from '../evidence/journal.ts';
import { openFlags } from '../flags/open.ts';
import type { FlagPort } from '../flags/port.ts';
import { ensureEmbedded } from '../postgres/embedded.ts';
import { requireSchema } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { readCohortRecords } from '../rollout/cohort-records.ts';
import type { Note, Session } from '../rollout/session.ts';
import { recordCohorts, refuseDifferences } from './record-cohorts.ts';

/** What a session is opened with; nothing is contacted before it is needed. */
export interface SessionOptions {
  readonly operator?: string | undefined;
  readonly reason?: string | undefined;
  readonly signal: AbortSignal;
  readonly note: Note;
  readonly progress: (line: string | null) => void;
}

/** The parts of a session, each opened once, when it is first asked for. */
export interface Opener {
  pool(): Promise<Pool>;
  flags(): FlagPort;
  /** For a look: schema current and tables looked at. Records nothing, so that a login that may only read can have it. */
  reading(): Promise<Session>;
  /** For comparing and judging: the same, and the file is refused where it differs for a started cohort. */
  judging(): Promise<Session>;
  /** For moving: the same, and the file's cohorts and policies are recorded. */
  moving(): Promise<Session>;
  close(): Promise<void>;
}

/** Connections of one command: backfill and catch-up work in parallel, the lease and the flag queue need their own. */
const CONNECTIONS = 12;

export function openSession(loaded: LoadedConfig, options: SessionOptions): Opener {
  const operator = operatorOf(options);
  let pool: Promise<Pool> | null = null;
  let flags: FlagPort | null = null;
  const openPoolOnce = (): Promise<Pool> => {
    pool ??= databaseUrl(loaded).then((url) =>
      openPool(url, { max: CONNECTIONS, applicationName: `dualpath ${operator.name}`.slice(0, 63) }),
    );
    return pool;
  };
  const openFlagsOnce = (): FlagPort => {
    flags ??= openFlags(loaded.config.flags, { baseFolder: loaded.directory });
    return flags;
  };
  const reading = async (): Promise<Session> => {
    const connected = await openPoolOnce();
    await requireSchema(connected);
    const stores = await openStores(connected, loaded.config);
    const { signal, note, progress } = options;
    return { loaded, pool: connected, stores, flags: openFlagsOnce(), operator, signal, note, progress };
  };
  const installed = async (): Promise<Session> => {
    const session = await reading();
    await requireInstallation(session.pool, session.stores);
    return session;
  };
  return {
    pool: openPoolOnce,
    flags: openFlagsOnce,
    reading,
    async judging() {
      const session = await installed();
      refuseDifferences(await readCohortRecords(session.pool), loaded.config.cohorts);
      return session;
    },
    async moving() {
      const session = await installed();
      await recordCohorts(session.pool, loaded.config.cohorts, operator);
      return session;
    },
    async close() {
      await flags?.close();
      await (await pool?.catch(() => null))?.end();
    },
  };
}

async function databaseUrl(loaded: LoadedConfig): Promise<string> {
  if (loaded.config.database !== 'embedded') return loaded.config.database;
  return (await ensureEmbedded(loaded.stateDirectory)).url;
}

function operatorOf({ operator, reason }: SessionOptions): Operator {
  const name = operator ?? process.env.DUALPATH_OPERATOR ?? process.env.GITHUB_ACTOR ?? loginName();
  return { name, reason: reason ?? null };
}

/** A container's user may have no name at all. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
