import { missingPage } from '../documents/coverage.ts';
import { readLinks } from '../documents/links.ts';
import { readQuarantine } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Ability } from '../verify/ability.ts';
import { readWaiting } from '../verify/look-sql.ts';
import { readLiveCohorts } from '../verify/pages.ts';
import { isLockTrouble, LOCK_TIMEOUT_MS } from '../verify/settle.ts';
import { takeIn } from '../write-path/ingest.ts';

/** Documents seeded in one transaction. */
const BATCH = 100;

/**
 * Finds members that were never seeded by set difference, seeds them where this login may, and gives how many are still
 * missing. A document created meanwhile is not counted: its capture waits for the next round.
 */
export async function enrolMissing(
  pool: Pool,
  stores: Stores,
  cohort: string,
  { canTakeIn, started }: Ability,
): Promise<number> {
  let missing = 0;
  let after: string | null = null;
  while (true) {
    const ids: readonly string[] = await missingPage(pool, stores, cohort, after, BATCH);
    after = ids.at(-1) ?? null;
    if (after === null) return missing;
    if (canTakeIn) await takeInUnlessLocked(pool, stores, ids, started);
    missing += await countMissing(pool, stores, cohort, ids);
  }
}

async function takeInUnlessLocked(
  pool: Pool,
  stores: Stores,
  ids: readonly string[],
  started: ReadonlySet<string>,
): Promise<void> {
  try {
    await inTransaction(pool, (tx) => takeIn(tx, stores, ids, started), { lockTimeoutMs: LOCK_TIMEOUT_MS });
  } catch (error) {
    if (!isLockTrouble(error)) throw error;
    if (ids.length > 1) for (const id of ids) await takeInUnlessLocked(pool, stores, [id], started);
  }
}

async function countMissing(
  pool: Pool,
  stores: Stores,
  cohort: string,
  ids: readonly string[],
): Promise<number> {
  const linked = (await readLinks(pool, ids)).filter(({ deletedAt }) => deletedAt === null);
  const accounted = new Set([
    ...linked.map(({ id }) => id),
    ...(await readQuarantine(pool, ids)).map(({ id }) => id),
    ...(await readWaiting(pool, ids)),
  ]);
  const live = await readLiveCohorts(pool, stores, ids);
  return ids.filter((id) => live.get(id) === cohort && !accounted.has(id)).length;
}
