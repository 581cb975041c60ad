import type { Queryable } from '../postgres/queryable.ts';
import type { MismatchClass } from './compare.ts';
import { type Finding, isMismatch, proofOf } from './finding.ts';

/**
 * Writes what was found: proofs of matches, drift of mismatches, and forgets the drift of what is clean, quarantined or
 * gone. Callers pass mismatches only when they stood at settled revisions.
 */
export async function recordFindings(tx: Queryable, findings: readonly Finding[]): Promise<void> {
  const proven = await writeProofs(tx, findings);
  await writeDrift(tx, findings.filter(isMismatch));
  const clean = findings.filter(
    ({ id, comparison: { result } }) =>
      result === 'quarantined' || result === 'absent' || (result === 'match' && proven.has(id)),
  );
  await forgetDrift(
    tx,
    clean.map(({ id }) => id),
  );
}

/**
 * Binds each match to the exact pair that was compared, by compare-and-set on the head. A document that somebody is
 * changing at this moment is skipped, not waited for: its proof would not bind, and waiting in another order than its
 * writer's could deadlock. A proof that binds already is left as it is. Gives the ids whose proof now binds.
 */
async function writeProofs(tx: Queryable, findings: readonly Finding[]): Promise<ReadonlySet<string>> {
  const proofs = findings.flatMap((finding) => {
    const proof = finding.comparison.result === 'match' ? proofOf(finding) : null;
    return proof ? [{ id: finding.id, ...proof }] : [];
  });
  if (proofs.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    `with compared as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
         as c (id, legacy_xmin, local_xmin, head)
     ), held as (
       select d.id from dualpath.documents d join compared c on c.id = d.id
        where d.head = c.head and d.deleted_at is null
          and (d.proof_head, d.proof_legacy_xmin, d.proof_local_xmin)
              is distinct from (c.head, c.legacy_xmin, c.local_xmin)
          for no key update of d skip locked
     ), written as (
       update dualpath.documents d
          set proof_legacy_xmin = c.legacy_xmin, proof_local_xmin = c.local_xmin, proof_head = c.head,
              proved_at = clock_timestamp()
         from compared c, held
        where d.id = c.id and held.id = d.id and d.head = c.head
       returning d.id
     )
     select id from written
     union all
     select d.id from dualpath.documents d join compared c on c.id = d.id
      where d.proof_head = c.head and d.head = c.head
        and d.proof_legacy_xmin = c.legacy_xmin and d.proof_local_xmin = c.local_xmin`,
    [
      proofs.map(({ id }) => id),
      proofs.map(({ legacyXmin }) => legacyXmin),
      proofs.map(({ localXmin }) => localXmin),
      proofs.map(({ head }) => head),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

/** A document that drifts is not proven, whatever was proven before; `since` stays where it drifted in the same way. */
async function writeDrift(tx: Queryable, findings: readonly Finding[]): Promise<void> {
  const drift = findings.flatMap(({ id, cohort, comparison }) =>
    comparison.result === 'mismatch' && cohort !== null ? [{ id, cohort, ...comparison }] : [],
  );
  if (drift.length === 0) return;
  await tx.query(
    `insert into dualpath.drift as old (document_id, cohort, class, detail)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
     order by 1
     on conflict (document_id) do update
       set cohort = excluded.cohort, class = excluded.class, detail = excluded.detail,
           since = case when old.class = excluded.class then old.since else excluded.since end`,
    [
      drift.map(({ id }) => id),
      drift.map(({ cohort }) => cohort),
      drift.map((row) => row.class),
      drift.map(({ detail }) => detail),
    ],
  );
  await tx.query(
    `update dualpath.documents set proof_head = null where id in (
       select id from dualpath.documents where id = any($1::text[]) and proof_head is not null
        order by id for no key update)`,
    [drift.map(({ id }) => id)],
  );
}

async function forgetDrift(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `delete from dualpath.drift where document_id in (
       select document_id from dualpath.drift where document_id = any($1::text[]) order by 1 for update)`,
    [ids],
  );
}

export interface DriftRow {
  readonly document: string;
  readonly class: MismatchClass;
  readonly detail: string;
}

/** A page of a cohort's standing drift by id; of one document when it is named. */
export async function readDrift(
  db: Queryable,
  cohort: string,
  page: { readonly after: string | null; readonly limit: number; readonly document?: string },
): Promise<readonly DriftRow[]> {
  const { rows } = await db.query<DriftRow>(
    `select document_id as document, class, detail from dualpath.drift
      where cohort = $1::text and ($2::text is null or document_id > $2::text)
        and ($4::text is null or document_id = $4::text)
      order by document_id limit $3::int`,
    [cohort, page.after, page.limit, page.document ?? null],
  );
  return rows;
}

export interface DriftCounts {
  readonly total: number;
  readonly missing: number;
  readonly extra: number;
}

export async function countDrift(db: Queryable, cohort: string, document?: string): Promise<DriftCounts> {
  const { rows } = await db.query<{ total: string; missing: string; extra: string }>(
    `select count(*) as total, count(*) filter (where class = 'missing') as missing,
            count(*) filter (where class = 'extra') as extra
       from dualpath.drift
      where cohort = $1::text and ($2::text is null or document_id = $2::text)`,
    [cohort, document ?? null],
  );
  const [row] = rows;
  return { total: Number(row?.total), missing: Number(row?.missing), extra: Number(row?.extra) };
}
