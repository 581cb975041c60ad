import { halves } from '../core/chunks.ts';
import { lockLegacyRows } from '../documents/legacy.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { isLockTrouble, LOCK_TIMEOUT_MS } from '../verify/settle.ts';

/** What was done in each transaction, and the documents that somebody kept locked. */
export interface Parts<T> {
  readonly done: readonly T[];
  readonly busy: readonly string[];
}

interface Where {
  readonly pool: Pool;
  readonly stores: Stores;
}

/** Each document that is waited for in vain costs a lock timeout; past these somebody rewrites the table, and may finish first. */
const WAITS_IN_VAIN = 3;

/** Works on documents in one transaction; where somebody keeps some of them locked, on the others. */
export async function inParts<T>(
  where: Where,
  ids: readonly string[],
  work: (tx: Queryable, ids: readonly string[]) => Promise<T>,
): Promise<Parts<T>> {
  if (ids.length === 0) return { done: [], busy: [] };
  try {
    const done = await inTransaction(where.pool, (tx) => work(tx, ids), { lockTimeoutMs: LOCK_TIMEOUT_MS });
    return { done: [done], busy: [] };
  } catch (error) {
    if (!isLockTrouble(error)) throw error;
    const parts = await apart(where, ids);
    if (!parts) return { done: [], busy: ids };
    const first = await inParts(where, parts[0], work);
    const second = await oneByOne(where, parts[1], work);
    return { done: [...first.done, ...second.done], busy: [...first.busy, ...second.busy] };
  }
}

/** Those whose rows are free at this moment and the others; in halves where it is not the rows that are locked. */
async function apart(
  { pool, stores }: Where,
  ids: readonly string[],
): Promise<readonly [readonly string[], readonly string[]] | null> {
  const locked = await inTransaction(pool, (tx) => lockLegacyRows(tx, stores, ids, 'skip'));
  const free = new Set(locked.map(({ id }) => id));
  if (free.size === 0 || free.size === ids.length) return halves(ids);
  return [ids.filter((id) => free.has(id)), ids.filter((id) => !free.has(id))];
}

async function oneByOne<T>(
  where: Where,
  ids: readonly string[],
  work: (tx: Queryable, ids: readonly string[]) => Promise<T>,
): Promise<Parts<T>> {
  const done: T[] = [];
  const busy: string[] = [];
  for (const id of ids) {
    const one: Parts<T> =
      busy.length < WAITS_IN_VAIN ? await inParts(where, [id], work) : { done: [], busy: [id] };
    done.push(...one.done);
    busy.push(...one.busy);
  }
  return { done, busy };
}
