import type { Queryable } from '../postgres/queryable.ts';
import { boundSql, keySql, whereSql } from './legacy-sql.ts';
import { cohortSql } from './membership.ts';
import type { Stores } from './stores.ts';

/** How far a started cohort's members are enrolled, by set difference: documents as they are, not as a loop counted. */
export interface Coverage {
  /** Documents whose owner is in the cohort now. */
  readonly members: number;
  /** Members that are neither linked nor quarantined. */
  readonly missing: number;
  /** Documents between cohorts: members linked to another one, and documents linked here whose owner left. */
  readonly moving: number;
  /** Some of the missing. */
  readonly sample: readonly string[];
}

const SAMPLE = 10;

export async function coverage(db: Queryable, stores: Stores, cohort: string): Promise<Coverage> {
  const { rows } = await db.query<{ members: string; missing: string; moving: string }>(
    `select count(*) filter (where m.live = $1::text) as members,
            count(*) filter (where m.live = $1::text and d.id is null and q.document_id is null) as missing,
            count(*) filter (where d.id is not null and d.cohort is distinct from m.live) as moving
       from (${liveSql(stores)}) m
       left join dualpath.documents d on d.id = m.dp_id and d.deleted_at is null
       left join dualpath.quarantine q on q.document_id = m.dp_id
      where m.live = $1::text or d.cohort = $1::text`,
    [cohort],
  );
  const [row] = rows;
  const missing = Number(row?.missing ?? 0);
  return {
    members: Number(row?.members ?? 0),
    missing,
    moving: Number(row?.moving ?? 0),
    sample: missing > 0 ? await missingPage(db, stores, cohort, null, SAMPLE) : [],
  };
}

/** A page of the cohort's missing members by id, to be seeded. */
export async function missingPage(
  db: Queryable,
  stores: Stores,
  cohort: string,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const bound =
    after === null ? '' : ` and ${stores.legacy.id.quoted} > ${boundSql(stores.legacy, after, '$3')}`;
  const { rows } = await db.query<{ id: string }>(
    `select m.dp_id as id
       from (${liveSql(stores, bound)}) m
       left join dualpath.documents d on d.id = m.dp_id and d.deleted_at is null
       left join dualpath.quarantine q on q.document_id = m.dp_id
      where m.live = $1::text and d.id is null and q.document_id is null
      order by m.dp_place limit $2::int`,
    after === null ? [cohort, limit] : [cohort, limit, after],
  );
  return rows.map((row) => row.id);
}

/**
 * Puts every document into the queue whose owner is by now in another started cohort than it is linked to. Triggers say
 * so where users are a table; behind a view nothing but comparing does.
 */
export async function captureEntering(
  tx: Queryable,
  stores: Stores,
  started: ReadonlySet<string>,
): Promise<void> {
  await tx.query(
    `insert into dualpath.captures (kind, subject)
     select 'document', m.dp_id
       from (${liveSql(stores)}) m
       join dualpath.documents d on d.id = m.dp_id and d.deleted_at is null
      where m.live = any($1::text[]) and m.live <> d.cohort`,
    [[...started]],
  );
}

/** Every document inside `where` with its key and live cohort. */
const liveSql = (stores: Stores, bound = ''): string =>
  `select l.dp_place, l.dp_id, ${cohortSql(stores, 'l.dp_owner')} as live
     from (select ${stores.legacy.id.quoted} as dp_place, ${keySql(stores.legacy)} as dp_id,
                  ${stores.legacy.owner.quoted}::text as dp_owner
             from ${stores.legacy.quoted} where ${whereSql(stores.legacy)}${bound}) l`;
