import { claimCaptures, deleteCaptures } from '../documents/captures.ts';
import { concernedDocuments, presentDocuments } from '../documents/concerned.ts';
import { type LockMode, lockLegacyRows } from '../documents/legacy.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import type { Stores } from '../documents/stores.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { holdRefused } from './hold-refused.ts';
import { type Outcome, takeIn } from './ingest.ts';

export interface Batch {
  readonly outcomes: readonly Outcome[];
  /** Locked by somebody: nothing was done, their captures are as they were. */
  readonly busy: readonly string[];
  /** Not looked at yet, so that the batch stayed small. */
  readonly rest: readonly string[];
}

interface LockOptions {
  readonly lock: LockMode;
  readonly lockTimeoutMs: number;
}

/**
 * Contents as stored that one transaction takes in. As text they are three to five times as large, and it takes a second
 * to bring a megabyte of that forward.
 */
const BATCH_BYTES = 128 * 1024;

/**
 * Takes in documents by their captures, in one transaction that deletes exactly those captures. Rows that others hold
 * are passed over, not waited for: who holds nothing while waiting is in no deadlock.
 */
export async function takeBatch(
  pool: Pool,
  stores: Stores,
  subjects: readonly string[],
  options: LockOptions,
): Promise<Batch> {
  try {
    return await inTransaction(pool, (tx) => takeClaimed(tx, stores, subjects, options.lock), options);
  } catch (error) {
    const state = sqlState(error) ?? '';
    if (!LOCK_TROUBLE.includes(state) && !REFUSED_DATA.test(state)) throw error;
    const [only, ...others] = subjects;
    if (only !== undefined && others.length === 0) {
      if (LOCK_TROUBLE.includes(state)) return { outcomes: [], busy: [only], rest: [] };
      return { outcomes: [await holdRefused(pool, stores, only, state)], busy: [], rest: [] };
    }
    return takeHalves(pool, stores, subjects, options);
  }
}

/** Not available, deadlock, serialization failure: the same work can succeed a little later. */
const LOCK_TROUBLE = ['55P03', '40P01', '40001'];

/** Data exceptions, integrity constraints of the application's own table, limits of the server's storage, what triggers raise. */
const REFUSED_DATA = /^(22|23|54|P0)/;

/** One document must not keep the others from being taken in. */
async function takeHalves(
  pool: Pool,
  stores: Stores,
  subjects: readonly string[],
  options: LockOptions,
): Promise<Batch> {
  const middle = Math.ceil(subjects.length / 2);
  const first = await takeBatch(pool, stores, subjects.slice(0, middle), options);
  const second = await takeBatch(pool, stores, subjects.slice(middle), options);
  return {
    outcomes: [...first.outcomes, ...second.outcomes],
    busy: [...first.busy, ...second.busy],
    rest: [...first.rest, ...second.rest],
  };
}

async function takeClaimed(
  tx: Queryable,
  stores: Stores,
  subjects: readonly string[],
  lock: LockMode,
): Promise<Batch> {
  const captures = await claimCaptures(tx, 'document', subjects);
  const captured = [...new Set(captures.map((capture) => capture.subject))];
  const started = await startedCohorts(tx);
  const concerned = await concernedDocuments(tx, stores, captured, started);
  const wanted = captured.filter((id) => concerned.has(id));
  const { free, busy, rest } = await holdRows(tx, stores, wanted, lock);
  const taking = new Set(free);
  const ours = captures.filter((capture) => taking.has(capture.subject));
  const taken = await takeIn(tx, stores, free, started, ours);
  const dropped = captures.filter((capture) => !concerned.has(capture.subject));
  await deleteCaptures(
    tx,
    dropped.map((capture) => capture.id),
  );
  return { outcomes: taken.map(({ outcome }) => outcome), busy, rest };
}

/** Locks rows up to the size of a batch; documents without a row are free. */
async function holdRows(
  tx: Queryable,
  stores: Stores,
  ids: readonly string[],
  lock: LockMode,
): Promise<{
  readonly free: readonly string[];
  readonly busy: readonly string[];
  readonly rest: readonly string[];
}> {
  const locked = new Map((await lockLegacyRows(tx, stores, ids, lock)).map((row) => [row.id, row.bytes]));
  const present = new Set(
    await presentDocuments(
      tx,
      stores,
      ids.filter((id) => !locked.has(id)),
    ),
  );
  const free: string[] = [];
  const rest: string[] = [];
  let bytes = 0;
  for (const id of ids.filter((candidate) => !present.has(candidate))) {
    bytes += locked.get(id) ?? 0;
    (free.length === 0 || bytes <= BATCH_BYTES ? free : rest).push(id);
  }
  return { free, busy: [...present], rest };
}
