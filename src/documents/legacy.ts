import type { Queryable } from '../postgres/queryable.ts';
import {
  keySql,
  type LegacyRecord,
  rowColumnsSql,
  rowsWithCohortSql,
  seekSql,
  typeSql,
} from './legacy-sql.ts';
import type { LegacyTable, Stores } from './stores.ts';

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

/**
 * Writes local-first content back to the legacy row (the mirror): content, `updated_at`, and the revision raised by one
 * where the table has one and no trigger of the application's raised it. Gives the row as it is then, which is the truth.
 * The caller holds the row. Change capture passes over exactly this statement; what triggers write beside it is captured.
 */
export async function writeLegacyContent(
  tx: Queryable,
  stores: Stores,
  id: string,
  raw: string,
): Promise<{ readonly revision: string | null; readonly xmin: string }> {
  const { legacy } = stores;
  const before = await readRevision(tx, legacy, id);
  const content = `${legacy.content.quoted} = $2::text::${typeSql(legacy.content)}`;
  const touched = legacy.updatedAt ? `, ${legacy.updatedAt.quoted} = now()` : '';
  await updateUnseen(tx, legacy, `${content}${touched}`, [id, raw]);
  const after = await readRevision(tx, legacy, id);
  if (!legacy.revision || after.revision !== before.revision) return after;
  const { quoted } = legacy.revision;
  await updateUnseen(tx, legacy, `${quoted} = coalesce(${quoted}, 0) + 1`, [id]);
  return readRevision(tx, legacy, id);
}

/** Runs one UPDATE of one row that capture passes over: the mark is gone again before anything else is written. */
async function updateUnseen(
  tx: Queryable,
  legacy: LegacyTable,
  assignments: string,
  values: readonly unknown[],
): Promise<void> {
  await tx.query(`select set_config('dualpath.own', 'on', true)`);
  await tx.query(
    `update ${legacy.quoted} set ${assignments} where ${legacy.id.quoted} = $1::text::${typeSql(legacy.id)}`,
    values,
  );
  await tx.query(`select set_config('dualpath.own', '', true)`);
}

async function readRevision(
  tx: Queryable,
  legacy: LegacyTable,
  id: string,
): Promise<{ revision: string | null; xmin: string }> {
  const revision = legacy.revision ? `${legacy.revision.quoted}::text` : 'null::text';
  const { rows } = await tx.query<{ revision: string | null; xmin: string }>(
    `select ${revision} as revision, xmin::text as xmin from ${legacy.quoted}
      where ${legacy.id.quoted} = $1::text::${typeSql(legacy.id)}`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error('the legacy row went away while it was held');
  return row;
}
