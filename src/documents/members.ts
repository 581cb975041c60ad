import type { Queryable } from '../postgres/queryable.ts';
import type { LegacyRow } from './legacy.ts';
import {
  boundSql,
  keySql,
  type LegacyRecord,
  rowColumnsSql,
  rowsWithCohortSql,
  whereSql,
} from './legacy-sql.ts';
import { cohortSql } from './membership.ts';
import type { Stores } from './stores.ts';

/** A piece of a cohort by id, after one and up to another (both keys; null: no bound). */
export interface PageBounds {
  readonly after: string | null;
  readonly upto: string | null;
  readonly limit: number;
}

/**
 * A page of a cohort's members by id, in the column's own type and collation. `maxBytes` ends the page before its contents
 * exceed it, as far as their stored size tells, never before its first row.
 */
export async function pageMembers(
  db: Queryable,
  stores: Stores,
  cohort: string,
  page: PageBounds & { readonly maxBytes?: number },
): Promise<readonly LegacyRow[]> {
  const { legacy } = stores;
  const { sql, values } = memberSizesSql(stores, cohort, page);
  const picked = `select ${rowColumnsSql(legacy)} from ${legacy.quoted}
    where ${legacy.id.quoted} in (
      select s.dp_place from (
        select m.dp_place, sum(m.dp_size) over (order by m.dp_place) - m.dp_size as dp_before from (${sql}) m
      ) s where s.dp_before = 0 or s.dp_before < $3::bigint)`;
  const { rows } = await db.query<LegacyRecord>(rowsWithCohortSql(stores, picked), [
    ...values.slice(0, 2),
    page.maxBytes ?? Number.MAX_SAFE_INTEGER,
    ...values.slice(3),
  ]);
  return rows;
}

/** The ids and stored sizes of such a page, without reading a content. */
export async function memberSizes(
  db: Queryable,
  stores: Stores,
  cohort: string,
  page: PageBounds,
): Promise<readonly { readonly id: string; readonly bytes: number }[]> {
  const { sql, values } = memberSizesSql(stores, cohort, page);
  const { rows } = await db.query<{ id: string; bytes: number }>(
    `select m.dp_id as id, m.dp_size as bytes from (${sql}) m where $3::bigint is null order by m.dp_place`,
    values,
  );
  return rows;
}

/** `$1` is the cohort, `$2` the limit, `$3` the caller's own, then the bounds. */
function memberSizesSql(
  stores: Stores,
  cohort: string,
  page: PageBounds,
): { readonly sql: string; readonly values: unknown[] } {
  const { legacy } = stores;
  const values: unknown[] = [cohort, page.limit, null];
  const bound = (key: string | null, operator: string): string => {
    if (key === null) return '';
    values.push(key);
    return ` and ${legacy.id.quoted} ${operator} ${boundSql(legacy, key, `$${values.length}`)}`;
  };
  const sql = `select l.dp_place, l.dp_id, l.dp_size from (
      select ${legacy.id.quoted} as dp_place, ${keySql(legacy)} as dp_id, ${legacy.owner.quoted}::text as dp_owner,
             coalesce(pg_column_size(${legacy.content.quoted}), 0) as dp_size
        from ${legacy.quoted} where ${whereSql(legacy)}${bound(page.after, '>')}${bound(page.upto, '<=')}
    ) l where ${cohortSql(stores, 'l.dp_owner')} = $1::text order by l.dp_place limit $2::int`;
  return { sql, values };
}
