import type { Queryable } from '../postgres/queryable.ts';

/** A document held on legacy, with the reason for people. */
export interface Held {
  readonly id: string;
  readonly cohort: string;
  readonly code: string;
  readonly reason: string;
  /** The row that was tried: another one is worth another try. */
  readonly legacyXmin: string | null;
}

export async function readQuarantine(db: Queryable, ids: readonly string[]): Promise<readonly Held[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<Held>(
    `select document_id as id, cohort, code, reason, legacy_xmin as "legacyXmin"
       from dualpath.quarantine where document_id = any($1::text[])`,
    [ids],
  );
  return rows;
}

/**
 * Holds documents on legacy; one that is held already keeps its `since` and takes the newer reason. One whose authority
 * was local-first goes back with it: its row is what the editor writes and what cannot be carried over. Once it is let
 * go it is moved again like any that came late.
 */
export async function quarantine(tx: Queryable, held: readonly Held[]): Promise<void> {
  if (held.length === 0) return;
  await tx.query(
    `update dualpath.documents set authority = 'legacy' where id in (
       select id from dualpath.documents where id = any($1::text[]) and authority = 'local-first'
        order by id for no key update)`,
    [held.map((one) => one.id)],
  );
  await tx.query(
    `insert into dualpath.quarantine (document_id, cohort, code, reason, legacy_xmin)
     select n.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       as n (document_id, cohort, code, reason, legacy_xmin)
      order by n.document_id
     on conflict (document_id) do update
       set cohort = excluded.cohort, code = excluded.code, reason = excluded.reason,
           legacy_xmin = excluded.legacy_xmin, retried_at = now()`,
    [
      held.map((one) => one.id),
      held.map((one) => one.cohort),
      held.map((one) => one.code),
      held.map((one) => one.reason),
      held.map((one) => one.legacyXmin),
    ],
  );
}

/** Lets go of documents that convert now, or are gone. */
export async function release(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`delete from dualpath.quarantine where document_id = any($1::text[])`, [ids]);
}
