import type { Queryable } from '../postgres/queryable.ts';
import { keySql, type LegacyRecord, rowColumnsSql, rowsWithCohortSql, seekSql } from './legacy-sql.ts';
import type { Stores } from './stores.ts';

/** A document as the application has it. */
export interface LegacyRow {
  /** The document's key: its id, or what `documentKey` makes of one that is too long. */
  readonly id: string;
  readonly owner: string | null;
  /** As Postgres prints it; null: the application stored no content, which is not an empty document. */
  readonly content: string | null;
  readonly revision: string | null;
  readonly xmin: string;
  /** The first cohort of the config that the owner matches at this moment; null: none does. */
  readonly cohort: string | null;
  /** Of the content as text. */
  readonly bytes: number;
}

/** `wait` queues behind whoever holds a row, for at most the transaction's lock_timeout; `skip` leaves such rows out. */
export type LockMode = 'wait' | 'skip';

/**
 * The rows of these documents in the order of their ids; rows outside `where` count as absent. With `lock` the rows are
 * held until the transaction ends, against writers and not against foreign keys: always in the order of the ids, and
 * before anything else is locked.
 */
export async function readLegacyRows(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
  options: { readonly lock?: boolean | LockMode } = {},
): Promise<readonly LegacyRow[]> {
  if (ids.length === 0) return [];
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const picked = `select ${rowColumnsSql(legacy)} from ${legacy.quoted}
    where ${condition} order by ${legacy.id.quoted} ${lockSql(options.lock)}`;
  const { rows } = await db.query<LegacyRecord>(rowsWithCohortSql(stores, picked), values);
  return rows;
}

/** A row that is held, without its content. Rows outside `where` are among them. */
export interface LockedRow {
  readonly id: string;
  readonly xmin: string;
  /** The content as stored, compressed or not. */
  readonly bytes: number;
}

/** Locks the rows of these documents as `readLegacyRows` does, without reading their contents. */
export async function lockLegacyRows(
  tx: Queryable,
  stores: Stores,
  ids: readonly string[],
  lock: LockMode = 'wait',
): Promise<readonly LockedRow[]> {
  if (ids.length === 0) return [];
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const { rows } = await tx.query<LockedRow>(
    `select ${keySql(legacy)} as id, xmin::text as xmin,
            coalesce(pg_column_size(${legacy.content.quoted}), 0) as bytes
       from ${legacy.quoted} where ${condition} order by ${legacy.quoted}.${legacy.id.quoted} ${lockSql(lock)}`,
    values,
  );
  return rows;
}

const lockSql = (lock: boolean | LockMode | undefined): string =>
  lock ? `for no key update${lock === 'skip' ? ' skip locked' : ''}` : '';
