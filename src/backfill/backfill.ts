import { estimate, type Mark, remember } from '../core/progress.ts';
import { FULL_SPEED } from '../core/throttle.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { currentRun, lockPlanning, planRun, tally } from './ledger.ts';
import { createGovernor, type Governor, readLoad } from './load.ts';
import { copyRun, type Work } from './run.ts';
import { sweep } from './sweep.ts';

/** Where a backfill stands, as data: documents, documents a second, seconds. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  /** null: nothing can be said yet. */
  readonly etaSeconds: number | null;
  /** Share of full speed, 0 < rate ≤ 1. */
  readonly rate: number;
  /** `<signal> <observed> > <wanted>` while the rate is below 1, else null. */
  readonly throttled: string | null;
  readonly seeded: number;
  readonly quarantined: number;
}

export interface BackfillOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Lanes, each with a connection; the pool should have two more. */
  readonly concurrency?: number;
}

/** Two cores convert and store no faster with more, and each lane holds a page in memory. */
const CONCURRENCY = 4;

/**
 * Copies what a cohort's documents hold into the local-first store, until the set difference between the two is empty.
 * Starting again, after a crash or a rollback, goes on with the open chunks and copies nothing twice. Of documents that
 * the application creates meanwhile, those that exist when the last look at the set difference begins are copied.
 *
 * Counts are the ledger's for the runs of this call, so those of an interrupted call that this one finishes are in them.
 * @throws HeldError `paused`, `fenced`, or `locked` with the pids when only held rows are left; the reason of the signal
 */
export async function backfill(
  pool: Pool,
  stores: Stores,
  fence: Fence,
  options: BackfillOptions = {},
): Promise<{ readonly seeded: number; readonly quarantined: number; readonly remaining: 0 }> {
  const signal = options.signal ?? new AbortController().signal;
  const governor = createGovernor(FULL_SPEED, () => readLoad(pool));
  const first = (await currentRun(pool, fence.cohort)).run;
  const report = createReporter(pool, fence.cohort, first, governor, options.onProgress);
  const concurrency = options.concurrency ?? CONCURRENCY;
  const work: Work = { pool, stores, fence, signal, governor, concurrency, onPage: report };
  await copyRuns(work);
  const swept = await sweep(work);
  await report(true);
  const { seeded, quarantined } = await tally(pool, fence.cohort, first);
  return {
    seeded: seeded + swept.seeded,
    quarantined: quarantined + swept.quarantined,
    remaining: 0,
  };
}

/** An unfinished run and then a new one over the set difference, again while rows that were held come free. */
async function copyRuns(work: Work): Promise<void> {
  for (;;) {
    work.signal.throwIfAborted();
    const { run, planned } = await openRun(work);
    if (planned === 0) return;
    await work.onPage();
    const { copied, left } = await copyRun(work, run);
    if (planned !== null && (left === 0 || copied === 0)) return;
  }
}

/** The run to work on: an unfinished one (`planned` is null), or the next, planned here with so many chunks. */
async function openRun(work: Work): Promise<{ run: number; planned: number | null }> {
  const { cohort } = work.fence;
  return inTransaction(work.pool, async (tx) => {
    await lockPlanning(tx, cohort);
    const { run, open } = await currentRun(tx, cohort);
    if (open) return { run, planned: null };
    const planned = await planRun(tx, work.stores, cohort, run);
    await assertFence(tx, work.fence);
    return { run, planned };
  });
}

/** Often enough for a person, seldom enough that a ledger of many thousand lines costs nothing. */
const REPORT_EVERY_MS = 250;

function createReporter(
  pool: Pool,
  cohort: string,
  first: number,
  governor: Governor,
  onProgress: BackfillOptions['onProgress'],
): (final?: boolean) => Promise<void> {
  let marks: readonly Mark[] = [];
  let reportedAt = Number.NEGATIVE_INFINITY;
  return async (final = false) => {
    if (!onProgress) return;
    const now = performance.now();
    if (!final && now - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = now;
    const counts = await tally(pool, cohort, first);
    marks = remember(marks, { atMs: now, done: counts.done });
    const { rate, because } = governor.now();
    onProgress({ ...counts, ...estimate(marks, counts.total), rate, throttled: because });
  };
}
