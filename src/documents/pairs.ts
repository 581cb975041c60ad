import type { Queryable } from '../postgres/queryable.ts';

/**
 * The two rows of a document that the application writes by itself, as they were last seen. Captures say when a row was
 * written, not when that was committed; so a pair counts as still only since it was seen as it is.
 */
export interface Pair {
  readonly id: string;
  /** Null: the row was not there. */
  readonly legacyXmin: string | null;
  readonly localXmin: string | null;
  /** It was seen so at least `settle` ago. */
  readonly still: boolean;
  /** The application has written one of its rows, so neither store is dualpath's to write. */
  readonly written: boolean;
  /** How it differed when that was counted as an observation. */
  readonly differing: Buffer | null;
  /** Runs of words in what both rows held when they were last equal; null: they never were. */
  readonly runs: number | null;
  /** Captured writes of each row since both were last equal. */
  readonly legacyWrites: number;
  readonly localWrites: number;
}

export async function readPairs(
  db: Queryable,
  ids: readonly string[],
  settleMs: number,
): Promise<ReadonlyMap<string, Pair>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<Pair>(
    `select document_id as id, legacy_xmin as "legacyXmin", local_xmin as "localXmin", written, differing, runs,
            legacy_writes as "legacyWrites", local_writes as "localWrites",
            since <= clock_timestamp() - $2::float8 * interval '1 millisecond' as still
       from dualpath.pairs where document_id = any($1::text[])`,
    [ids, settleMs],
  );
  return new Map(rows.map((pair) => [pair.id, pair]));
}

export interface SeenPair {
  readonly id: string;
  readonly legacyXmin: string | null;
  readonly localXmin: string | null;
  readonly written: boolean;
  readonly legacyWrites?: number;
  readonly localWrites?: number;
}

/** Records pairs as they are seen; one that is as it was keeps its `since`, and what is written stays written. */
export async function notePairs(tx: Queryable, seen: readonly SeenPair[]): Promise<void> {
  if (seen.length === 0) return;
  await tx.query(
    `insert into dualpath.pairs as p (document_id, legacy_xmin, local_xmin, written, legacy_writes, local_writes)
     select n.* from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::int[], $6::int[])
       as n (document_id, legacy_xmin, local_xmin, written, legacy_writes, local_writes)
      order by n.document_id
     on conflict (document_id) do update
       set legacy_xmin = excluded.legacy_xmin, local_xmin = excluded.local_xmin,
           written = p.written or excluded.written,
           legacy_writes = excluded.legacy_writes, local_writes = excluded.local_writes,
           since = case when (p.legacy_xmin, p.local_xmin) is distinct from (excluded.legacy_xmin, excluded.local_xmin)
                        then excluded.since else p.since end,
           open = p.open or (p.legacy_xmin, p.local_xmin) is distinct from (excluded.legacy_xmin, excluded.local_xmin)
     where (p.legacy_xmin, p.local_xmin, p.written, p.legacy_writes, p.local_writes)
           is distinct from (excluded.legacy_xmin, excluded.local_xmin, p.written or excluded.written,
                             excluded.legacy_writes, excluded.local_writes)`,
    [
      seen.map(({ id }) => id),
      seen.map(({ legacyXmin }) => legacyXmin),
      seen.map(({ localXmin }) => localXmin),
      seen.map(({ written }) => written),
      seen.map(({ legacyWrites }) => legacyWrites ?? 0),
      seen.map(({ localWrites }) => localWrites ?? 0),
    ],
  );
}

/** Records the pairs of documents that were seeded in this transaction: a seed is nothing to compare first. */
export async function noteSeededPairs(
  tx: Queryable,
  seeded: readonly { readonly id: string; readonly legacyXmin: string }[],
): Promise<void> {
  if (seeded.length === 0) return;
  await tx.query(
    `insert into dualpath.pairs (document_id, legacy_xmin, local_xmin, open)
     select n.id, n.xmin, pg_current_xact_id()::xid::text, false
       from unnest($1::text[], $2::text[]) as n (id, xmin) order by n.id
     on conflict (document_id) do update
       set legacy_xmin = excluded.legacy_xmin, local_xmin = excluded.local_xmin, since = excluded.since, open = false`,
    [seeded.map(({ id }) => id), seeded.map(({ legacyXmin }) => legacyXmin)],
  );
}

/** Of documents of which neither row is there any more. */
export async function forgetPairs(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`delete from dualpath.pairs where document_id = any($1::text[])`, [ids]);
}

/** How long the content is that both rows of a document hold now. */
export async function noteRuns(
  tx: Queryable,
  pairs: readonly { readonly id: string; readonly runs: number }[],
): Promise<void> {
  if (pairs.length === 0) return;
  await tx.query(
    `update dualpath.pairs p set runs = n.runs
       from unnest($1::text[], $2::int[]) as n (id, runs) where p.document_id = n.id`,
    [pairs.map(({ id }) => id), pairs.map(({ runs }) => runs)],
  );
}

/** A pair that differs while it is still. */
export interface DifferingPair {
  readonly id: string;
  /** Equal while both sides hold what they hold; null: they are equal again. */
  readonly differing: Uint8Array | null;
}

export async function noteDiffering(tx: Queryable, pairs: readonly DifferingPair[]): Promise<void> {
  if (pairs.length === 0) return;
  await tx.query(
    `update dualpath.pairs p set differing = n.differing
       from unnest($1::text[], $2::bytea[]) as n (id, differing) where p.document_id = n.id`,
    [pairs.map(({ id }) => id), pairs.map(({ differing }) => differing)],
  );
}

/** A still pair was compared and counted: it is looked at again when one of its rows is written. */
export async function closePairs(
  tx: Queryable,
  pairs: readonly Pick<SeenPair, 'id' | 'legacyXmin' | 'localXmin'>[],
): Promise<void> {
  if (pairs.length === 0) return;
  await tx.query(
    `update dualpath.pairs p set open = false where p.open and p.document_id in (
       select h.document_id from dualpath.pairs h
         join unnest($1::text[], $2::text[], $3::text[]) as n (id, legacy_xmin, local_xmin) on n.id = h.document_id
        where h.legacy_xmin is not distinct from n.legacy_xmin and h.local_xmin is not distinct from n.local_xmin
          for update of h skip locked)`,
    [
      pairs.map(({ id }) => id),
      pairs.map(({ legacyXmin }) => legacyXmin),
      pairs.map(({ localXmin }) => localXmin),
    ],
  );
}

/** The cohort's documents whose pairs were not compared since they are still, by id; the first started cohort has those of nobody. */
export async function openPairsPage(
  db: Queryable,
  cohort: string,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select p.document_id as id ${OPEN_SQL} and ($2::text is null or p.document_id > $2::text)
      order by p.document_id limit $3::int`,
    [cohort, after, limit],
  );
  return rows.map(({ id }) => id);
}

/** Milliseconds until every open pair of the cohort, as it is now, is still; 0 where none is open. */
export async function untilStill(db: Queryable, cohort: string, settleMs: number): Promise<number> {
  const { rows } = await db.query<{ left: number | null }>(
    `select $2::float8 - extract(epoch from clock_timestamp() - max(p.since))::float8 * 1000 as left ${OPEN_SQL}`,
    [cohort, settleMs],
  );
  return Math.min(settleMs, Math.max(0, Math.ceil(rows[0]?.left ?? 0)));
}

const OPEN_SQL = `from dualpath.pairs p left join dualpath.documents d on d.id = p.document_id
  where p.open and d.deleted_at is null
    and coalesce(d.cohort, (select name from dualpath.cohorts where started_at is not null order by place limit 1))
        = $1::text`;
