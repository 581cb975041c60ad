import { setImmediate as breathe } from 'node:timers/promises';
import { halves } from '../core/chunks.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { type LegacyRow, readLegacyRows } from '../documents/legacy.ts';
import type { Stores } from '../documents/stores.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { type PreparedRow, prepareRow, seedDocuments } from '../write-path/seed.ts';
import { addToChunk, type Chunk } from './ledger.ts';

export interface PageTask {
  readonly pool: Pool;
  readonly stores: Stores;
  readonly fence: Fence;
  readonly chunk: Chunk;
  readonly ids: readonly string[];
  /** Nothing comes after this page: its transaction closes the chunk. */
  readonly last: boolean;
}

export interface PageOutcome {
  readonly seeded: number;
  readonly quarantined: number;
  /** Documents whose rows somebody keeps locked: they stay in the set difference. */
  readonly left: number;
  /** The chunk was closed with it. */
  readonly closed: boolean;
}

/**
 * Longer than a save takes; one that is slower is met again later. Shorter than the second after which Postgres looks for
 * deadlocks, so that it is never the application's transaction that is ended for our sake.
 */
export const LOCK_TIMEOUT_MS = 500;
/** A row that changes under each of so many readings is hot: then it is read and converted while it is held. */
const OPTIMISTIC_READS = 3;
/** So many deadlocks in a row with the application's own lock order do not happen by chance. */
const DEADLOCK_RETRIES = 5;
/** Each locked document found costs a lock timeout; past these somebody is rewriting the page, and may finish first. */
const LEFT_AT_MOST = 3;

/**
 * Copies a page: rows are read and converted without locks, then written in one short transaction with the ledger and
 * the fence. Rows that changed in between are read again.
 */
export async function copyPage(task: PageTask): Promise<PageOutcome> {
  let outcome: PageOutcome = { seeded: 0, quarantined: 0, left: 0, closed: false };
  let ids = task.ids;
  for (let read = 1; ids.length > 0 && read <= OPTIMISTIC_READS; read++) {
    const prepared = await prepareAll(task, await readLegacyRows(task.pool, task.stores, ids));
    const written = await write(task, prepared, task.last && outcome.left === 0);
    outcome = add(outcome, written);
    ids = written.stale;
  }
  for (const id of ids) outcome = add(outcome, await copyHeld(task, id));
  return outcome;
}

type Written = PageOutcome & { readonly stale: readonly string[] };

const add = (a: PageOutcome, b: PageOutcome): PageOutcome => ({
  seeded: a.seeded + b.seeded,
  quarantined: a.quarantined + b.quarantined,
  left: a.left + b.left,
  closed: a.closed || b.closed,
});

/** Writes what it can: a document that cannot be locked or stored is found by halving, and does not harm the rest. */
async function write(task: PageTask, prepared: readonly PreparedRow[], closes: boolean): Promise<Written> {
  try {
    return await writeTogether(task, prepared, closes);
  } catch (error) {
    const state = sqlState(error) ?? '';
    const parts = halves(prepared);
    if (state === LOCK_NOT_AVAILABLE && !parts) return leaving(prepared);
    if (REFUSED_DATA.test(state) && !parts) return writeTogether(task, prepared.map(refused(state)), closes);
    if (!parts || !(state === LOCK_NOT_AVAILABLE || REFUSED_DATA.test(state))) throw error;
    const first = await write(task, parts[0], false);
    if (first.left >= LEFT_AT_MOST) return withStale(add(first, leaving(parts[1])), first.stale);
    const second = await write(task, parts[1], false);
    return withStale(add(first, second), [...first.stale, ...second.stale]);
  }
}

const withStale = (outcome: PageOutcome, stale: readonly string[]): Written => ({ ...outcome, stale });

const leaving = (prepared: readonly PreparedRow[]): Written => ({
  seeded: 0,
  quarantined: 0,
  left: prepared.length,
  closed: false,
  stale: [],
});

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = ['40P01', '40001'];
/** Data exceptions, integrity constraints of the application's own table, and limits of the server's storage. */
const REFUSED_DATA = /^(22|23|54)/;

/** The server's own message may quote the content; its SQLSTATE never does. */
const refused =
  (state: string) =>
  (prepared: PreparedRow): PreparedRow => ({
    row: prepared.row,
    quarantine: { code: 'not-stored', reason: `The database refuses to store it (SQLSTATE ${state}).` },
  });

async function writeTogether(
  task: PageTask,
  prepared: readonly PreparedRow[],
  closes: boolean,
): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(task.pool, (tx) => writeIn(tx, task, prepared, closes), {
        lockTimeoutMs: LOCK_TIMEOUT_MS,
      });
    } catch (error) {
      if (attempt >= DEADLOCK_RETRIES || !DEADLOCK.includes(sqlState(error) ?? '')) throw error;
    }
  }
}

async function writeIn(
  tx: Queryable,
  task: PageTask,
  prepared: readonly PreparedRow[],
  closes: boolean,
): Promise<Written> {
  const { seeded, quarantined, stale } = await seedDocuments(tx, task.stores, task.chunk.cohort, prepared);
  const closed = closes && stale.length === 0;
  await addToChunk(tx, task.chunk, { seeded, quarantined, done: closed });
  await assertFence(tx, task.fence);
  return { seeded, quarantined, stale, left: 0, closed };
}

async function copyHeld(task: PageTask, id: string): Promise<PageOutcome> {
  try {
    return await inTransaction(
      task.pool,
      async (tx) => {
        const rows = await readLegacyRows(tx, task.stores, [id], { lock: true });
        return writeIn(tx, task, await prepareAll(task, rows), false);
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return { seeded: 0, quarantined: 0, left: 1, closed: false };
  }
}

/** Long enough for a few documents, short enough that rows which another lane holds are not held the longer for it. */
const SLICE_MS = 10;

/** Converts rows that are still the cohort's; a member that moved on in between is its new cohort's to copy. */
async function prepareAll(task: PageTask, rows: readonly LegacyRow[]): Promise<readonly PreparedRow[]> {
  const prepared: PreparedRow[] = [];
  let sliceAt = performance.now();
  for (const row of rows) {
    if (row.cohort !== task.chunk.cohort) continue;
    prepared.push(prepareRow(task.stores, row));
    if (performance.now() - sliceAt < SLICE_MS) continue;
    await breathe();
    sliceAt = performance.now();
  }
  return prepared;
}
