import type { Config } from '../config/config.ts';
import { documentKey } from '../documents/document-key.ts';
import { insertHeartbeat } from '../documents/heartbeats.ts';
import { requireInstallation } from '../documents/installation.ts';
import { readReceiptKey } from '../documents/receipts.ts';
import { readSides } from '../documents/sides.ts';
import { openStores } from '../documents/stores.ts';
import { UsageError } from '../errors.ts';
import { requireSchema } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import {
  checkCall,
  checkHeartbeat,
  checkLoad,
  checkOptions,
  checkPathFor,
  checkPull,
  checkPush,
  checkSave,
} from './check-input.ts';
import { type CallOptions, createRecentSet, type StoreContext } from './context.ts';
import type {
  HeartbeatInput,
  LoadInput,
  LoadResult,
  PathInput,
  PullInput,
  PullResult,
  PushInput,
  PushResult,
  SaveInput,
  SaveResult,
  WritePath,
} from './document-store-types.ts';
import { load } from './load.ts';
import { askDefault, type FlagClient } from './owner-flags.ts';
import { pathOf } from './path-for.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { createRecentStates } from './recent-states.ts';
import { save } from './save.ts';
import { alone, storeClosed } from './transact.ts';

export interface DocumentStoreOptions {
  /** A path to a cohorts.yaml, or the object that one would hold. */
  readonly config: string | object;
  /** The application's own `pg.Pool`; without it one is opened on the config's `database`. */
  readonly pool?: Pool;
  /** The application's own flag client, such as `unleash-client`'s, for `pathFor` and the `path` of a load. */
  readonly flags?: FlagClient;
}

/**
 * Both write paths of the documents of one config. Every method may be called concurrently, and throws `DualpathError`: switch on its
 * `code`; `retryable` says whether the same call may succeed later. Each may throw `locked` (another transaction keeps the
 * document for more than five seconds), `unavailable` (the database cannot be reached; both retryable) and `bad-argument`.
 */
export interface DocumentStore {
  /**
   * Takes in a whole document as a legacy client sends it, and merges with it what others wrote since its base. Both stores
   * are written in one transaction: the caller's with `tx`, where nothing is tried again and the result holds when the caller
   * commits; else one of its own. The same `deviceId` and `saveId` again change nothing.
   * @throws `not-found` (the application inserts its rows), `deleted`, `invalid-content` (it can never be stored, or does not convert while
   *   local-first is right), `not-stored` (a constraint or a trigger of the application's table refuses it)
   * @example
   * const { revision, head, outcome } = await documents.save({ id, content, baseRevision, deviceId, saveId });
   * // show what was sent and base the next save on `revision`, or show `head.content` and base it on `head.revision`
   */
  save(input: SaveInput, options?: CallOptions): Promise<SaveResult>;
  /**
   * The document as its legacy editor shows it, and which editor to open; what another program wrote to its row is taken in first. What a device was served is the base of its next save if that
   * names none, and if its other tabs can show nothing else; where they can, the base is inferred and a merge asks for a review.
   * @throws `not-found`, `deleted`, `unavailable`; `locked` in a transaction of yours
   * @example const { content, revision, path } = await documents.load({ id, deviceId });
   */
  load(input: LoadInput, options?: CallOptions): Promise<LoadResult>;
  /**
   * Takes in a Yjs update of a device, of up to 16 MiB, in every stage and however late. What is answered is durable: the update is in
   * the log whatever becomes of its merge: `pending` waits for an earlier update of the device, `quarantined` was refused or builds on what
   * was, and `conflict` names it. The same `epoch`, `session`, `seq` and bytes again are a `duplicate`.
   * @throws `update-rejected` (damaged or past a limit), `not-found`, `deleted`, `not-enrolled` (its cohort has not started: stay on
   *   legacy), `quarantined` (it never had a local-first form), `lineage-ended`. The bytes are kept where they could be work.
   * @example
   * const { outcome, serverSeq } = await documents.push({ id, deviceId, session, seq: 1, update });
   * if (outcome === 'merged') await pullAgain(); // a repair followed it
   */
  push(input: PushInput, options?: CallOptions): Promise<PushResult>;
  /**
   * What a replica lacks of a document, which is seeded on the spot if its cohort has started. Send what the device has pending
   * first; keep its Y.Doc with `gc: false` while it has work that was not sent.
   * @throws `not-found`, `deleted`, `not-enrolled`, `quarantined` (open it with the legacy editor), `update-rejected` (no state vector)
   * @example
   * const { update, serverSeq } = await documents.pull({ id, deviceId, session, stateVector: Y.encodeStateVector(doc) });
   * Y.applyUpdate(doc, update);
   */
  pull(input: PullInput): Promise<PullResult>;
  /**
   * Which editor to open for this document.
   * @example if ((await documents.pathFor({ id, user })) === 'local-first') openLocalFirst();
   */
  pathFor(input: PathInput): Promise<WritePath>;
  /**
   * Records what a device says that it holds, for the day somebody asks where a draft went. Holds no content; times in
   * milliseconds, sizes in bytes.
   * @example await documents.heartbeat({ id, deviceId, session, head: 12, acknowledged: 10, durability: 'stored' });
   */
  heartbeat(input: HeartbeatInput): Promise<void>;
  /** Ends the connections that it opened; the application's own pool stays open. */
  close(): Promise<void>;
}

/** Documents known to be seeded are few bytes each, and all that a server holds open. */
const LINKED_KNOWN = 10_000;

/**
 * Opens the store for an editor's server. Reads the config and checks it; the database is asked at the first call, and
 * nothing is started that would keep the process from ending.
 *
 * @throws UsageError for a config with mistakes; the first call throws what the database has against it
 * @example
 * const documents = await openDocumentStore({ config: 'cohorts.yaml', pool });
 * const { revision, head } = await documents.save({ id, content, baseRevision, deviceId });
 */
export async function openDocumentStore(options: DocumentStoreOptions): Promise<DocumentStore> {
  const { config, database } = await resolveConfig(checkOptions(options).config);
  let opened: StoreContext | null = null;
  let opening: Promise<StoreContext> | null = null;
  let pool: Pool | null = options.pool ?? null;
  let closed = false;
  const connected = async (): Promise<Pool> => {
    pool ??= openPool(await database(), { applicationName: 'dualpath documents' });
    return pool;
  };
  /**
   * Whoever is in a transaction looks with its own connection: all of the pool's may be in the hands of callers that wait
   * for this very answer.
   */
  const context = async (tx?: Queryable): Promise<StoreContext> => {
    if (closed) throw storeClosed();
    if (opened) return opened;
    if (tx) {
      opened = await openContext(await connected(), tx, config, options.flags);
      return opened;
    }
    opening ??= onOneConnection(await connected(), async (db, of) => {
      opened = await openContext(of, db, config, options.flags);
      return opened;
    }).finally(() => {
      // A database that was away for a moment is asked again by the next call.
      opening = null;
    });
    return opening;
  };
  const writing = async (tx?: Queryable): Promise<StoreContext> => {
    if (config.writePath === 'own') throw ownWritePath();
    return context(tx);
  };
  return {
    save: async (input, options) => {
      const call = checkCall('save', options);
      return save(await writing(call.tx), checkSave(input), call);
    },
    load: async (input, options) => {
      const call = checkCall('load', options);
      return load(await context(call.tx), checkLoad(input), call);
    },
    push: async (input, options) => {
      const call = checkCall('push', options);
      return push(await writing(call.tx), checkPush(input), call);
    },
    pull: async (input) => pull(await writing(), checkPull(input)),
    pathFor: async (input) => pathFor(await context(), checkPathFor(input)),
    heartbeat: async (input) => heartbeat(await context(), checkHeartbeat(input)),
    close: async () => {
      closed = true;
      if (options.pool === undefined) await pool?.end();
    },
  };
}

const ownWritePath = (): UsageError =>
  new UsageError(
    'own-write-path',
    'The config says write_path: own: the application writes both stores by itself, and dualpath writes neither.',
    'Save as the application does, or set write_path: library and let every save and push go through dualpath.',
  );

async function openContext(
  pool: Pool,
  db: Queryable,
  config: Config,
  flags: FlagClient | undefined,
): Promise<StoreContext> {
  return alone(async () => {
    await requireSchema(db);
    const stores = await openStores(db, config);
    await requireInstallation(db, stores);
    const receiptKey = await readReceiptKey(db);
    return {
      pool,
      stores,
      receiptKey,
      flags,
      writes: config.writePath !== 'own',
      linked: createRecentSet(LINKED_KNOWN),
      recent: createRecentStates(),
    };
  });
}

/** Holds one connection from the first question to the last, so that nobody who waits for the answer can take it. */
async function onOneConnection<T>(pool: Pool, work: (db: Queryable, pool: Pool) => Promise<T>): Promise<T> {
  const client = await alone(() => pool.connect());
  try {
    return await work(client, pool);
  } finally {
    client.release();
  }
}

/** YAML and the embedded server are loaded only where the config asks for them. */
async function resolveConfig(
  given: string | object,
): Promise<{ readonly config: Config; readonly database: () => Promise<string> }> {
  const { loadConfig, parseConfig, stateDirectoryOf } = await import('../config/load.ts');
  const loaded =
    typeof given === 'string'
      ? await loadConfig(given)
      : {
          config: parseConfig(JSON.stringify(given), { path: 'the given config', env: process.env }),
          stateDirectory: stateDirectoryOf(process.cwd()),
        };
  const { config, stateDirectory } = loaded;
  const database = async (): Promise<string> => {
    if (config.database !== 'embedded') return config.database;
    const { ensureEmbedded } = await import('../postgres/embedded.ts');
    return (await ensureEmbedded(stateDirectory)).url;
  };
  return { config, database };
}

async function pathFor(context: StoreContext, { id, user }: PathInput): Promise<WritePath> {
  return alone(async () => {
    const { pool, stores, flags } = context;
    const sides = await readSides(pool, stores, id, { lock: false, content: 'changed' });
    const flag = await askDefault(pool, stores, flags, sides.row?.owner ?? user);
    return pathOf({ ...sides, flag });
  });
}

async function heartbeat({ pool }: StoreContext, input: HeartbeatInput): Promise<void> {
  await alone(() =>
    insertHeartbeat(pool, {
      document: documentKey(input.id),
      device: input.deviceId,
      epoch: input.epoch ?? null,
      session: input.session ?? null,
      head: input.head ?? null,
      acknowledged: input.acknowledged ?? null,
      commit: input.commit ?? null,
      pendingBytes: input.pendingBytes ?? null,
      pendingMs: input.pendingMs ?? null,
      durability: input.durability ?? null,
      appVersion: input.appVersion ?? null,
      wallTime: input.wallTime ?? null,
      sinceBootMs: input.sinceBootMs ?? null,
    }),
  );
}
