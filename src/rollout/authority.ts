import type { Authority } from '../core/model.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** Documents locked at once: some tens of milliseconds that a writer of one of them may have to wait. */
const BATCH = 100;

/** Moves documents that the caller holds; gives how many were not there yet. */
export async function setAuthority(tx: Queryable, ids: readonly string[], to: Authority): Promise<number> {
  const { rowCount } = await tx.query(
    `update dualpath.documents set authority = $2::text where id = any($1::text[]) and authority <> $2::text`,
    [ids, to],
  );
  return rowCount ?? 0;
}

/** Ids of live documents with this authority, outside quarantine unless they are to be taken back; in pages by id. */
export async function* pagesOn(
  db: Queryable,
  cohort: string,
  authority: Authority,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  let after = '';
  while (true) {
    signal.throwIfAborted();
    const { rows } = await db.query<{ id: string }>(
      `select d.id from dualpath.documents d
        where d.cohort = $1::text and d.id > $2::text and d.authority = $3::text and d.deleted_at is null
          and ($3::text = 'local-first' or not exists (select from dualpath.quarantine q where q.document_id = d.id))
        order by d.id limit $4::int`,
      [cohort, after, authority, BATCH],
    );
    const newest = rows.at(-1);
    if (!newest) return;
    yield rows.map((row) => row.id);
    after = newest.id;
  }
}

export async function countOn(db: Queryable, cohort: string, authority: Authority): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from dualpath.documents d
      where d.cohort = $1::text and d.authority = $2::text and d.deleted_at is null
        and not exists (select from dualpath.quarantine q where q.document_id = d.id)`,
    [cohort, authority],
  );
  return rows[0]?.count ?? 0;
}

/** Live seeded documents of a cohort by their authority, in quarantine or out of it. */
export async function countByAuthority(
  db: Queryable,
  cohort: string,
): Promise<Readonly<Record<Authority, number>>> {
  const { rows } = await db.query<{ legacy: number; local_first: number }>(
    `select count(*) filter (where authority = 'legacy')::int as legacy,
            count(*) filter (where authority = 'local-first')::int as local_first
       from dualpath.documents where cohort = $1::text and deleted_at is null`,
    [cohort],
  );
  return { legacy: rows[0]?.legacy ?? 0, 'local-first': rows[0]?.local_first ?? 0 };
}

/** Documents whose row is gone have nothing to compare; one that is created again shall find its cohort's authority. */
export async function takeBackDeleted(tx: Queryable, cohort: string): Promise<void> {
  await tx.query(
    `update dualpath.documents set authority = 'legacy'
      where cohort = $1::text and authority = 'local-first' and deleted_at is not null`,
    [cohort],
  );
}
