import {
  captureDocumentsOf,
  capturedSubjects,
  claimCaptures,
  deleteCaptures,
} from '../documents/captures.ts';
import { captureEntering } from '../documents/coverage.ts';
import { rowHolders } from '../documents/row-holders.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { type Batch, takeBatch } from './catch-up-batch.ts';
import type { Outcome } from './ingest.ts';

export interface CaughtUp {
  readonly taken: number;
  readonly seeded: number;
  readonly moved: number;
  readonly deleted: number;
  readonly quarantined: number;
  /** Documents whose rows somebody keeps locked: their captures wait for the next call. */
  readonly left: number;
  /** The sessions that keep them, as far as the server tells. */
  readonly holders: readonly number[];
}

/**
 * Documents in one transaction, which holds their rows from the first to the last: at some milliseconds each, a writer of
 * the application waits for a fraction of a second at most. It is fewer when their contents are large.
 */
const PAGE = 25;

/**
 * A row that was locked is waited for so long at the end, alone and with nothing else held: longer than a save takes,
 * shorter than the second after which Postgres looks for deadlocks, so that an application's transaction is never the
 * one that is ended for our sake.
 */
const LOCK_TIMEOUT_MS = 500;

/** After so many that waited in vain somebody rewrites the table, and may finish first. */
const WAITS_IN_VAIN = 5;

/**
 * Takes in every write that was captured before the call, and what users' changes imply, in small transactions: any
 * number of these calls may run at once, and each may die at any point. Captures of documents in no started cohort are
 * dropped.
 */
export async function catchUp(
  pool: Pool,
  stores: Stores,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (soFar: CaughtUp) => void } = {},
): Promise<CaughtUp> {
  const { signal, onProgress } = options;
  if (stores.users.isTable) await expandUsers(pool, stores, signal);
  else await inTransaction(pool, async (tx) => captureEntering(tx, stores, await startedCohorts(tx)));
  let soFar: CaughtUp = NOTHING;
  const busy: string[] = [];
  for await (const batch of batches(pool, stores, signal)) {
    soFar = add(soFar, batch.outcomes);
    busy.push(...batch.busy);
    onProgress?.(soFar);
  }
  let inVain = 0;
  const left: string[] = [];
  for (const id of busy) {
    signal?.throwIfAborted();
    const batch =
      inVain < WAITS_IN_VAIN
        ? await takeBatch(pool, stores, [id], { lock: 'wait', lockTimeoutMs: LOCK_TIMEOUT_MS })
        : await takeBatch(pool, stores, [id], { lock: 'skip', lockTimeoutMs: LOCK_TIMEOUT_MS });
    soFar = add(soFar, batch.outcomes);
    left.push(...batch.busy);
    inVain += batch.busy.length;
  }
  return { ...soFar, left: left.length, holders: await rowHolders(pool, stores, left) };
}

const NOTHING: CaughtUp = { taken: 0, seeded: 0, moved: 0, deleted: 0, quarantined: 0, left: 0, holders: [] };

function add(counts: CaughtUp, outcomes: readonly Outcome[]): CaughtUp {
  const count = (outcome: Outcome): number => outcomes.filter((one) => one === outcome).length;
  return {
    ...counts,
    taken: counts.taken + count('taken'),
    seeded: counts.seeded + count('seeded'),
    moved: counts.moved + count('moved'),
    deleted: counts.deleted + count('deleted'),
    quarantined: counts.quarantined + count('quarantined'),
  };
}

async function* batches(pool: Pool, stores: Stores, signal?: AbortSignal): AsyncGenerator<Batch> {
  let after: string | null = null;
  while (true) {
    const subjects: readonly string[] = await capturedSubjects(pool, 'document', after, PAGE);
    after = subjects.at(-1) ?? null;
    if (after === null) return;
    let rest = subjects;
    while (rest.length > 0) {
      signal?.throwIfAborted();
      const batch = await takeBatch(pool, stores, rest, { lock: 'skip', lockTimeoutMs: LOCK_TIMEOUT_MS });
      yield batch;
      rest = batch.rest;
    }
  }
}

/** A user who came, went or changed may have taken documents into another cohort: each of them is looked at. */
async function expandUsers(pool: Pool, stores: Stores, signal?: AbortSignal): Promise<void> {
  let after: string | null = null;
  while (true) {
    signal?.throwIfAborted();
    const users: readonly string[] = await capturedSubjects(pool, 'user', after, PAGE);
    after = users.at(-1) ?? null;
    if (after === null) return;
    await inTransaction(pool, async (tx) => {
      const captures = await claimCaptures(tx, 'user', users);
      await captureDocumentsOf(tx, stores, [...new Set(captures.map((capture) => capture.subject))]);
      await deleteCaptures(
        tx,
        captures.map((capture) => capture.id),
      );
    });
  }
}
