import { halves } from '../core/chunks.ts';
import { missingPage } from '../documents/coverage.ts';
import { assertFence, checkGoingOn } from '../documents/fence.ts';
import { HeldError } from '../errors.ts';
import { sqlState } from '../postgres/errors.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { type Taken, takeIn } from '../write-path/ingest.ts';
import { heldByOthers } from './holders.ts';
import { LOCK_TIMEOUT_MS } from './page.ts';
import type { Work } from './run.ts';

interface Swept {
  readonly seeded: number;
  readonly quarantined: number;
}

/** Documents of one transaction; they are converted while they are held, so that few wait for many. */
const PAGE = 25;
/** An application that keeps creating documents is met with other ones in every round; they are catch-up's. */
const ROUNDS_OF_NEW = 3;
/** Rounds that met one document again and again, each at least a lock timeout long. */
const ROUNDS_OF_SAME = 8;

/**
 * The proof that a backfill is done, which is the set difference and not the end of a loop: takes in what is missing, the
 * rows that were held, recreated or created meanwhile, until a round finds nothing that an earlier one found.
 * @throws HeldError `locked` with the pids that keep the last rows, or `unsettled` when documents stay missing without.
 */
export async function sweep(work: Work): Promise<Swept> {
  const { fence } = work;
  let swept: Swept = { seeded: 0, quarantined: 0 };
  let before: ReadonlySet<string> = new Set();
  for (let round = 1; ; round++) {
    const { found, taken } = await sweepOnce(work);
    swept = {
      seeded: swept.seeded + taken.filter(({ outcome }) => outcome === 'seeded').length,
      quarantined: swept.quarantined + taken.filter(({ outcome }) => outcome === 'quarantined').length,
    };
    const same = [...found].filter((id) => before.has(id));
    if (found.size === 0 || (same.length === 0 && round >= ROUNDS_OF_NEW)) return swept;
    if (same.length > 0 && round >= ROUNDS_OF_SAME) await refuseHeld(work, same);
    if (same.length > 0 && round >= 2 * ROUNDS_OF_SAME) throw unsettled(fence.cohort, same);
    before = found;
  }
}

async function sweepOnce(work: Work): Promise<{ found: ReadonlySet<string>; taken: readonly Taken[] }> {
  const { pool, stores, fence, signal } = work;
  const found = new Set<string>();
  const taken: Taken[] = [];
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted();
    await checkGoingOn(pool, fence);
    const ids: readonly string[] = await missingPage(pool, stores, fence.cohort, after, PAGE);
    for (const id of ids) found.add(id);
    taken.push(...(await takeInPage(work, ids)));
    if (ids.length < PAGE) return { found, taken };
    after = ids.at(-1) ?? after;
  }
}

/** Takes in what it can: a held row is found by halving and left to the next round. */
async function takeInPage(work: Work, ids: readonly string[]): Promise<readonly Taken[]> {
  if (ids.length === 0) return [];
  const { pool, stores, fence } = work;
  try {
    return await inTransaction(
      pool,
      async (tx) => {
        const taken = await takeIn(tx, stores, ids, new Set([fence.cohort]));
        await assertFence(tx, fence);
        return taken;
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } catch (error) {
    if (!PASSING.includes(sqlState(error) ?? '')) throw error;
    const parts = halves(ids);
    if (!parts) return [];
    return [...(await takeInPage(work, parts[0])), ...(await takeInPage(work, parts[1]))];
  }
}

/** Lock timeout, deadlock, serialization failure. */
const PASSING = ['55P03', '40P01', '40001'];

async function refuseHeld({ pool, stores, fence }: Work, ids: readonly string[]): Promise<void> {
  const held = await heldByOthers(pool, stores, fence.cohort, ids);
  if (held) throw held;
}

const unsettled = (cohort: string, ids: readonly string[]): HeldError =>
  new HeldError(
    'unsettled',
    `${ids.length} documents of cohort ${cohort} stay missing in the local-first store, ${ids[0]} among them.`,
    'Run `dualpath doctor`, then the same command again when fewer changes are being made.',
    { cohort, documents: ids.slice(0, 100) },
  );
