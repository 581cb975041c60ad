import { quoteIdent } from '../postgres/identifiers.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { allFunctions, createFunctionSql, createTriggerSql } from './capture.ts';
import type { WatchedTable } from './capture-health.ts';
import type { Stores } from './stores.ts';

/** Statements that create the local-first table as `init` would; none where the application has one. */
export function localFirstSql(stores: Stores, hasLz4: boolean): readonly string[] {
  const { localFirst } = stores;
  if (localFirst.exists) return [];
  const { id, state, updatedAt } = localFirst;
  // States hardly shrink under the slow default compression; where the fast one is missing, none is better.
  const storage = hasLz4 ? ' compression lz4' : '';
  return [
    `create schema if not exists ${quoteIdent(localFirst.schema)}`,
    `create table if not exists ${localFirst.quoted} (
  ${id.quoted} ${id.declared} primary key,
  ${state.quoted} bytea${storage} not null${
    updatedAt ? `,\n  ${updatedAt.quoted} timestamptz not null default now()` : ''
  }
)`,
    ...(hasLz4 ? [] : [`alter table ${localFirst.quoted} alter column ${state.quoted} set storage external`]),
  ];
}

/** Can this server compress a column by lz4? It depends on how it was built. */
export async function serverHasLz4(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ has: boolean }>(
    `select 'lz4' = any(enumvals) as has from pg_catalog.pg_settings where name = 'default_toast_compression'`,
  );
  return rows[0]?.has ?? false;
}

/** The trigger functions; only triggers of this installation may call them. */
export const functionSql = (stores: Stores): readonly string[] =>
  allFunctions(stores).flatMap((fn) => [
    createFunctionSql(fn),
    `revoke all on function ${fn.name}() from public`,
  ]);

export const triggerSql = (table: WatchedTable): readonly string[] =>
  table.foreign ? [] : table.functions.map((fn) => createTriggerSql(table.quoted, fn));
