import type { Queryable } from '../postgres/queryable.ts';
import { keySql, seekSql, whereSql } from './legacy-sql.ts';
import { cohortSql } from './membership.ts';
import type { Stores } from './stores.ts';

/**
 * Which of these documents are ours to look at: linked, quarantined, or members of a started cohort. Reads no content, so
 * that the writes of everybody whose cohort has not started cost next to nothing.
 */
export async function concernedDocuments(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
  started: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const { rows } = await db.query<{ id: string }>(
    `select id from dualpath.documents where id = any($${values.length + 1}::text[])
     union
     select document_id from dualpath.quarantine where document_id = any($${values.length + 1}::text[])
     union
     select document_id from dualpath.pairs where document_id = any($${values.length + 1}::text[])
     union${straySql(stores, `$${values.length + 1}`)}
     select l.dp_id
       from (select ${keySql(legacy)} as dp_id, ${legacy.owner.quoted}::text as dp_owner
               from ${legacy.quoted} where ${condition} and ${whereSql(legacy)}) l
      where ${cohortSql(stores, 'l.dp_owner')} = any($${values.length + 2}::text[])`,
    [...values, ids, [...started]],
  );
  return new Set(rows.map((row) => row.id));
}

/** Where the application writes the local-first table: its rows without a legacy row, which may only come later. */
function straySql({ config, legacy, localFirst }: Stores, ids: string): string {
  if (config.writePath !== 'own') return '';
  const key = `s.${localFirst.id.quoted}::text`;
  return `
     select ${key} from ${localFirst.quoted} s
      where ${key} = any(${ids}::text[])
        and not exists (select from ${legacy.quoted} t where t.${legacy.id.quoted}::text = ${key})
     union`;
}

/** Which of these documents have a row in the legacy table, inside `where` or not. */
export async function presentDocuments(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const { rows } = await db.query<{ id: string }>(
    `select ${keySql(legacy)} as id from ${legacy.quoted} where ${condition}`,
    values,
  );
  return rows.map((row) => row.id);
}
