import { halves } from '../core/chunks.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { isLockTrouble, LOCK_TIMEOUT_MS } from '../verify/settle.ts';

/** What was done in each transaction, and the documents that somebody kept locked. */
export interface Parts<T> {
  readonly done: readonly T[];
  readonly busy: readonly string[];
}

/** Each locked document found costs a lock timeout; past these somebody is rewriting the table, and may finish first. */
const BUSY_AT_MOST = 3;

/** Works on documents in one transaction; where somebody keeps one of them locked, on the rest in halves. */
export async function inParts<T>(
  pool: Pool,
  ids: readonly string[],
  work: (tx: Queryable, ids: readonly string[]) => Promise<T>,
): Promise<Parts<T>> {
  try {
    const done = await inTransaction(pool, (tx) => work(tx, ids), { lockTimeoutMs: LOCK_TIMEOUT_MS });
    return { done: [done], busy: [] };
  } catch (error) {
    if (!isLockTrouble(error)) throw error;
    const parts = halves(ids);
    if (!parts) return { done: [], busy: ids };
    const first = await inParts(pool, parts[0], work);
    if (first.busy.length >= BUSY_AT_MOST) return { ...first, busy: [...first.busy, ...parts[1]] };
    const second = await inParts(pool, parts[1], work);
    return { done: [...first.done, ...second.done], busy: [...first.busy, ...second.busy] };
  }
}
