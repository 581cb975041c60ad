import type { Queryable } from '../postgres/queryable.ts';
import { typeSql } from './legacy-sql.ts';
import type { LocalFirstTable, Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

/** A Yjs state: one V1 update that holds the whole document. */
export interface LocalFirstRow {
  readonly id: string;
  readonly state: Uint8Array;
  readonly xmin: string;
}

export interface NewState {
  readonly id: string;
  readonly state: Uint8Array;
}

/** The states of these documents by id; with `lock` they are held until the transaction ends. */
export async function readStates(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
  options: { readonly lock?: boolean } = {},
): Promise<readonly LocalFirstRow[]> {
  const { quoted, id, state } = stores.localFirst;
  const sought = ids.filter((candidate) => canBeId(id, candidate));
  if (sought.length === 0) return [];
  const { rows } = await db.query<LocalFirstRow>(
    `select ${id.quoted}::text as id, ${state.quoted} as state, xmin::text as xmin from ${quoted}
      where ${id.quoted} = any($1::text[]::${typeSql(id)}[])
      order by ${quoted}.${id.quoted} ${options.lock ? 'for no key update' : ''}`,
    [sought],
  );
  return rows;
}

/** Inserts states; one that is there already is left alone. Gives the ids that were inserted. */
export async function insertStates(
  tx: Queryable,
  stores: Stores,
  states: readonly NewState[],
): Promise<ReadonlySet<string>> {
  if (states.length === 0) return new Set();
  const { quoted, id, state, updatedAt } = stores.localFirst;
  const { rows } = await tx.query<{ id: string }>(
    `insert into ${quoted} (${id.quoted}, ${state.quoted}${updatedAt ? `, ${updatedAt.quoted}` : ''})
     select n.id::${typeSql(id)}, n.state${updatedAt ? ', now()' : ''} from unnest($1::text[], $2::bytea[]) as n (id, state)
      order by n.id::${typeSql(id)}
     on conflict (${id.quoted}) do nothing
     returning ${id.quoted}::text as id`,
    [states.map((row) => row.id), states.map((row) => row.state)],
  );
  return new Set(rows.map((row) => row.id));
}

/** As a part of an update of the table. */
export const touchedSql = ({ updatedAt }: LocalFirstTable): string =>
  updatedAt ? `, ${updatedAt.quoted} = now()` : '';

/** Replaces states that the caller holds locked. */
export async function writeStates(
  tx: Queryable,
  stores: Stores,
  states: readonly NewState[],
): Promise<readonly { readonly id: string; readonly xmin: string }[]> {
  if (states.length === 0) return [];
  const { quoted, id, state } = stores.localFirst;
  const { rows } = await tx.query<{ id: string; xmin: string }>(
    `with written as (
       update ${quoted} as l set ${state.quoted} = n.state${touchedSql(stores.localFirst)}
         from unnest($1::text[], $2::bytea[]) as n (id, state)
        where l.${id.quoted} = n.id::${typeSql(id)}
       returning n.id)
     select id, pg_current_xact_id()::xid::text as xmin from written`,
    [states.map((row) => row.id), states.map((row) => row.state)],
  );
  return rows;
}

/** Deletes a state that the caller holds locked. */
export async function deleteState(tx: Queryable, { localFirst }: Stores, id: string): Promise<void> {
  const column = localFirst.id;
  await tx.query(`delete from ${localFirst.quoted} where ${column.quoted} = $1::text::${typeSql(column)}`, [
    id,
  ]);
}

/** Replaces one state that the caller holds locked. */
export async function writeState(
  tx: Queryable,
  stores: Stores,
  id: string,
  state: Uint8Array,
): Promise<{ readonly xmin: string }> {
  const [written] = await writeStates(tx, stores, [{ id, state }]);
  if (!written) throw new Error('the local-first row went away while it was held');
  return { xmin: written.xmin };
}
