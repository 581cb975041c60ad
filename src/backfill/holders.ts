import { readLegacyRows } from '../documents/legacy.ts';
import type { Stores } from '../documents/stores.ts';
import { HeldError } from '../errors.ts';
import { endSessions } from '../postgres/end-sessions.ts';
import type { Pool } from '../postgres/pool.ts';
import { withLockRetries } from '../postgres/transaction.ts';

/**
 * Waits a moment for the rows of documents, because only who waits can see for whom, and gives the error that names the
 * processes in the way; null when nobody is any more.
 */
export async function heldByOthers(
  pool: Pool,
  stores: Stores,
  cohort: string,
  ids: readonly string[],
): Promise<HeldError | null> {
  const holders = await waitFor(pool, stores, ids);
  if (holders === null) return null;
  const pids = holders.map((holder) => holder.pid);
  const named = pids.length === 0 ? 'another session' : `process ${pids.join(', ')}`;
  const [first] = ids;
  const others = ids.length > 1 ? ` and ${ids.length - 1} more` : '';
  return new HeldError(
    'locked',
    `Everything of cohort ${cohort} is copied but document ${first}${others}, whose row ${named} keeps locked.`,
    `${endSessions(pids)}, and run the same command again.`,
    { cohort, documents: ids.slice(0, 100), pids },
  );
}

async function waitFor(
  pool: Pool,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly { readonly pid: number }[] | null> {
  try {
    await withLockRetries(pool, (tx) => readLegacyRows(tx, stores, ids, { lock: true }), { deadlineMs: 0 });
    return null;
  } catch (error) {
    if (!(error instanceof HeldError)) throw error;
    return (error.details.holders ?? []) as readonly { readonly pid: number }[];
  }
}
