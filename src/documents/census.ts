import type { Queryable } from '../postgres/queryable.ts';
import { keySql, typeSql, whereSql } from './legacy-sql.ts';
import { cohortSql } from './membership.ts';
import type { Stores } from './stores.ts';

/** What a cohort consists of at this moment. */
export interface CohortCensus {
  readonly cohort: string;
  /** Users. */
  readonly members: number;
  readonly documents: number;
  /** Contents as stored, compressed or not. */
  readonly bytes: number;
}

/** Users, documents and bytes of every cohort of the config that has any. */
export async function countMembers(db: Queryable, stores: Stores): Promise<readonly CohortCensus[]> {
  const { legacy, users } = stores;
  const { rows } = await db.query<{ cohort: string; members: string; documents: string; bytes: string }>(
    `with people as (
       select ${cohortSql(stores, 'u.dp_user')} as cohort, count(*) as members
         from (select distinct ${users.id.quoted}::text as dp_user from ${users.quoted}
                where ${users.id.quoted} is not null) u
        group by 1
     ), papers as (
       select ${cohortSql(stores, 'l.dp_owner')} as cohort, count(*) as documents, sum(l.dp_size) as bytes
         from (select ${legacy.owner.quoted}::text as dp_owner,
                      coalesce(pg_column_size(${legacy.content.quoted}), 0) as dp_size
                 from ${legacy.quoted} where ${whereSql(legacy)}) l
        group by 1
     )
     select cohort, coalesce(p.members, 0) as members, coalesce(d.documents, 0) as documents,
            coalesce(d.bytes, 0) as bytes
       from people p full join papers d using (cohort)
      where cohort is not null`,
  );
  return rows.map((row) => ({
    cohort: row.cohort,
    members: Number(row.members),
    documents: Number(row.documents),
    bytes: Number(row.bytes),
  }));
}

/** How many documents of each cohort are shared with a user of another one; none where no collaborators are mapped. */
export async function sharedDocuments(
  db: Queryable,
  stores: Stores,
): Promise<readonly { readonly cohort: string; readonly shared: number }[]> {
  const { legacy, collaborators } = stores;
  if (!collaborators) return [];
  const { rows } = await db.query<{ cohort: string; shared: string }>(
    `select s.cohort, count(distinct s.dp_id) as shared
       from (select l.dp_id, ${cohortSql(stores, 'l.dp_owner')} as cohort, ${cohortSql(stores, 'l.dp_user')} as other
               from (select d.dp_id, d.dp_owner, c.${collaborators.user.quoted}::text as dp_user
                       from (select ${legacy.id.quoted} as dp_place, ${keySql(legacy)} as dp_id,
                                    ${legacy.owner.quoted}::text as dp_owner
                               from ${legacy.quoted} where ${whereSql(legacy)}) d
                       join ${collaborators.quoted} c
                         on c.${collaborators.document.quoted}::text::${typeSql(legacy.id)} = d.dp_place) l) s
      where s.cohort is not null and s.other is distinct from s.cohort
      group by s.cohort`,
  );
  return rows.map((row) => ({ cohort: row.cohort, shared: Number(row.shared) }));
}
