import type { Queryable } from '../postgres/queryable.ts';
import { seekSql } from './legacy-sql.ts';
import type { Stores } from './stores.ts';

/**
 * The sessions that keep these rows locked, without waiting for them: a row names the transaction that locked it last.
 * Where several share a row it does not, and then every session that writes or locks rows of the table is named.
 */
export async function rowHolders(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly number[]> {
  if (ids.length === 0) return [];
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const { rows } = await db.query<{ pid: number }>(
    `select distinct l.pid
       from (select distinct xmax as dp_xmax from ${legacy.quoted} where ${condition}) t
       join pg_catalog.pg_locks l
         on l.locktype = 'transactionid' and l.transactionid = t.dp_xmax and l.granted
      order by l.pid`,
    values,
  );
  return rows.length > 0 ? rows.map((row) => row.pid) : tableHolders(db, legacy.facts.oid);
}

async function tableHolders(db: Queryable, oid: string): Promise<readonly number[]> {
  const { rows } = await db.query<{ pid: number }>(
    `select distinct pid from pg_catalog.pg_locks
      where locktype = 'relation' and relation = $1::oid and granted and pid <> pg_backend_pid()
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
        and mode in ('RowShareLock', 'RowExclusiveLock')
      order by pid`,
    [oid],
  );
  return rows.map((row) => row.pid);
}
