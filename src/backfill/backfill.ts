import { estimate, type Mark, remember } from '../core/progress.ts';
import { FULL_SPEED } from '../core/throttle.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import type { Stores } from '../documents/stores.ts';
import { HeldError } from '../errors.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { heldByOthers } from './holders.ts';
import { currentRun, lockPlanning, planRun, tally } from './ledger.ts';
import { createGovernor, type Governor, readLoad } from './load.ts';
import { copyRun, type Pass, type Work } from './run.ts';

export type { Fence } from '../documents/fence.ts';

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
/** Passes in a row that copied nothing, each at least a lock timeout long, before what is left is called held. */
const FRUITLESS_PASSES = 8;

/**
 * Copies what a cohort's documents hold into the local-first store, until the set difference between the two is empty.
 * Starting again, after a crash or a rollback, goes on with the open chunks and copies nothing twice. Documents that
 * the application creates meanwhile are copied if a pass still meets them; those whose capture is queued are catch-up's.
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
  const reporter = createReporter(pool, fence.cohort, first, governor, options.onProgress);
  const concurrency = options.concurrency ?? CONCURRENCY;
  const work: Work = { pool, stores, fence, signal, governor, concurrency, onPage: reporter.report };
  let fruitless = 0;
  for (let again = false; ; again = true) {
    signal.throwIfAborted();
    const run = await openRun(work, again);
    if (run === null) break;
    const pass = await copyRun(work, run);
    fruitless = pass.copied > 0 ? 0 : fruitless + 1;
    if (fruitless >= FRUITLESS_PASSES) await giveUp(work, pass);
  }
  await reporter.report({ final: true });
  const { seeded, quarantined } = await tally(pool, fence.cohort, first);
  return { seeded, quarantined, remaining: 0 };
}

/** The run to work on: an unfinished one, or a new one over the set difference; null when that is empty. */
async function openRun(work: Work, again: boolean): Promise<number | null> {
  const { cohort } = work.fence;
  return inTransaction(work.pool, async (tx) => {
    await lockPlanning(tx, cohort);
    const { run, open } = await currentRun(tx, cohort);
    if (open) return run;
    const chunks = await planRun(tx, work.stores, cohort, run, again ? 'leave' : 'include');
    await assertFence(tx, work.fence);
    return chunks > 0 ? run : null;
  });
}

async function giveUp(work: Work, pass: Pass): Promise<void> {
  if (pass.left.length > 0) {
    const held = await heldByOthers(work.pool, work.stores, work.fence.cohort, pass.left);
    if (held) throw held;
    return;
  }
  throw new HeldError(
    'unsettled',
    `Documents of cohort ${work.fence.cohort} are missing in the local-first store, and none of them could be copied.`,
    'Run `dualpath doctor`; if it finds nothing, run the same command again when fewer changes are being made.',
    { cohort: work.fence.cohort },
  );
}

/** Often enough for a person, seldom enough that a ledger of many thousand lines costs nothing. */
const REPORT_EVERY_MS = 250;

function createReporter(
  pool: Pool,
  cohort: string,
  first: number,
  governor: Governor,
  onProgress: BackfillOptions['onProgress'],
): { readonly report: (options?: { final: boolean }) => Promise<void> } {
  let marks: readonly Mark[] = [];
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    report: async (options) => {
      if (!onProgress) return;
      const now = performance.now();
      if (!options?.final && now - reportedAt < REPORT_EVERY_MS) return;
      reportedAt = now;
      const counts = await tally(pool, cohort, first);
      marks = remember(marks, { atMs: now, done: counts.done });
      const { rate, because } = governor.now();
      onProgress({ ...counts, ...estimate(marks, counts.total), rate, throttled: because });
    },
  };
}
