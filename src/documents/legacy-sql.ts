import { documentKeySql, isLongKey } from './document-key.ts';
import type { Column } from './inspect-table.ts';
import { cohortSql } from './membership.ts';
import type { LegacyTable, Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

/** Base types come from a closed list, so their names need no quoting. */
export const typeSql = (column: Column): string => `pg_catalog.${column.type}`;

/** The condition of the config, closed off so that a comment or an `or` in it stays inside. */
export const whereSql = (legacy: LegacyTable): string =>
  legacy.where === null ? 'true' : `(\n${legacy.where}\n)`;

/** The key of the row in a query whose only table is the legacy table. */
export const keySql = (legacy: LegacyTable): string => documentKeySql(`${legacy.id.quoted}::text`);

/**
 * A select list over the legacy table alone, so that the unqualified columns of `where` mean the table's. Its names
 * begin with `dp_`: ORDER BY prefers an output's name to a column's.
 */
export function rowColumnsSql(legacy: LegacyTable): string {
  const content = `${legacy.content.quoted}::text`;
  return `${legacy.id.quoted} as dp_place,
    ${keySql(legacy)} as dp_id,
    ${legacy.owner.quoted}::text as dp_owner,
    ${content} as dp_content,
    ${legacy.revision ? `${legacy.revision.quoted}::text` : 'null::text'} as dp_revision,
    xmin::text as dp_xmin,
    coalesce(octet_length(${content}), 0) as dp_bytes,
    coalesce(${whereSql(legacy)}, false) as dp_inside`;
}

/** As the driver returns `rowsWithCohortSql`. */
export interface LegacyRecord {
  readonly id: string;
  readonly owner: string | null;
  readonly content: string | null;
  readonly revision: string | null;
  readonly xmin: string;
  readonly bytes: number;
  readonly cohort: string | null;
}

/** Rows that `picked` (with `rowColumnsSql`) found inside `where`, each with its live cohort, by id. */
export const rowsWithCohortSql = (stores: Stores, picked: string): string =>
  `with picked as materialized (${picked})
   select p.dp_id as id, p.dp_owner as owner, p.dp_content as content, p.dp_revision as revision,
          p.dp_xmin as xmin, p.dp_bytes as bytes, ${cohortSql(stores, 'p.dp_owner')} as cohort
     from picked p where p.dp_inside order by p.dp_place`;

/** A condition that finds the rows of these keys, with its value as `$1` (and `$2`). */
export function seekSql(
  legacy: LegacyTable,
  keys: readonly string[],
): { readonly condition: string; readonly values: readonly unknown[] } {
  const ids = keys.filter((key) => !isLongKey(key) && canBeId(legacy.id, key));
  const long = keys.filter(isLongKey);
  const byId = `${legacy.id.quoted} = any($1::text[]::${typeSql(legacy.id)}[])`;
  if (long.length === 0) return { condition: byId, values: [ids] };
  // Nothing finds such a row but reading the table: it is rare, and the document never moves.
  return { condition: `(${byId} or ${keySql(legacy)} = any($2::text[]))`, values: [ids, long] };
}

/** The id that a key stands for, to page by. The beginning of a long id stands in when its row is gone. */
export function boundSql(legacy: LegacyTable, key: string, parameter: string): string {
  if (!isLongKey(key)) return `${parameter}::text::${typeSql(legacy.id)}`;
  return `coalesce((select b.${legacy.id.quoted} from ${legacy.quoted} b
                     where ${documentKeySql(`b.${legacy.id.quoted}::text`)} = ${parameter}::text limit 1),
                   split_part(${parameter}::text, '…sha256:', 1))`;
}
