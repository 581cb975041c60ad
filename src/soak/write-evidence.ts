import type { Evidence, WriteFailure } from '../core/evidence.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** What receipts and conflicts say of a cohort's writes; the counts are those of writes through the library. */
export interface WriteEvidence extends Pick<Evidence, 'writes' | 'latency' | 'bypass' | 'openConflicts'> {
  readonly observations: number;
  readonly mismatches: number;
}

/**
 * Timed writes of a window are its newest: the path as it is now is what is judged, each round has judged those before
 * it, and the 99th percentile of so many has a hundred writes beyond it. Sorting all of them would grow with the window.
 */
const TIMED = 10_000;

/** Kinds of failure that are named; all are counted. */
const KINDS = 5;

/** Reads the writes of a cohort since its clock began, from indexes that hold all that is read. */
export async function readWriteEvidence(
  db: Queryable,
  cohort: string,
  { clockRuns }: { readonly clockRuns: boolean },
): Promise<WriteEvidence> {
  const openConflicts = await countOpenConflicts(db, cohort);
  if (!clockRuns)
    return { observations: 0, mismatches: 0, writes: null, latency: null, bypass: null, openConflicts };
  const counts = await countWrites(db, cohort);
  const failures = counts.failed > 0 ? await readFailures(db, cohort) : [];
  return {
    observations: counts.observations,
    mismatches: counts.mismatches,
    writes: { total: counts.total, failed: counts.failed, failures },
    latency: await readLatency(db, cohort),
    bypass: await countBypassWrites(db, cohort),
    openConflicts,
  };
}

const SINCE = 'at >= (select window_since from dualpath.cohorts where name = $1::text)';

/** Receipts of what changed both stores or failed in one, as the index `receipts_observed` has them. */
const OBSERVED = `from dualpath.receipts
      where cohort = $1::text and ${SINCE} and (agrees is not null or failed is not null)`;

interface Counts {
  readonly total: number;
  readonly failed: number;
  readonly observations: number;
  readonly mismatches: number;
}

async function countWrites(db: Queryable, cohort: string): Promise<Counts> {
  const { rows } = await db.query<{ [count in keyof Counts]: string }>(
    `select count(*) as total, count(failed) as failed, count(agrees) as observations,
            count(*) filter (where not agrees) as mismatches ${OBSERVED}`,
    [cohort],
  );
  const [row] = rows;
  if (!row) throw new Error('the database answered without a row');
  return {
    total: Number(row.total),
    failed: Number(row.failed),
    observations: Number(row.observations),
    mismatches: Number(row.mismatches),
  };
}

async function readFailures(db: Queryable, cohort: string): Promise<readonly WriteFailure[]> {
  const { rows } = await db.query<WriteFailure>(
    `select failed as path, coalesce(error, 'unknown') as code, count(*)::int as times ${OBSERVED} and failed is not null
      group by 1, 2 order by 3 desc, 1, 2 limit ${KINDS}`,
    [cohort],
  );
  return rows;
}

async function readLatency(db: Queryable, cohort: string): Promise<Evidence['latency']> {
  const { rows } = await db.query<{ samples: number; legacy: number[] | null; both: number[] | null }>(
    `select count(*)::int as samples,
            percentile_cont(array[0.5, 0.99]) within group (order by legacy_us / 1000.0) as legacy,
            percentile_cont(array[0.5, 0.99]) within group (order by (legacy_us + local_us) / 1000.0) as both
       from (select legacy_us::float8, local_us::float8 ${OBSERVED} and legacy_us is not null and local_us is not null
              order by at desc limit ${TIMED}) newest`,
    [cohort],
  );
  const { samples, legacy, both } = rows[0] ?? { samples: 0, legacy: null, both: null };
  return { samples, legacy: percentilesOf(legacy), both: percentilesOf(both) };
}

const percentilesOf = (pair: readonly number[] | null): { readonly p50: number; readonly p99: number } => ({
  p50: pair?.[0] ?? 0,
  p99: pair?.[1] ?? 0,
});

/** Certain is what only replaced the content that it was taken in over, before anything was merged. */
async function countBypassWrites(db: Queryable, cohort: string): Promise<Evidence['bypass']> {
  const { rows } = await db.query<{ certain: string; doubtful: string }>(
    `select count(*) filter (where certain) as certain, count(*) filter (where not certain) as doubtful
       from (select base_known is not distinct from 'linked' and class is not distinct from 'clean' as certain
               from dualpath.receipts
              where cohort = $1::text and ${SINCE} and kind = 'capture') captured`,
    [cohort],
  );
  return { certain: Number(rows[0]?.certain), doubtful: Number(rows[0]?.doubtful) };
}

/** Of documents that are there: what a deleted one's merge left is for whoever brings it back. */
async function countOpenConflicts(db: Queryable, cohort: string): Promise<number> {
  const { rows } = await db.query<{ open: string }>(
    `select count(*) as open from dualpath.conflicts c join dualpath.documents d on d.id = c.document_id
      where c.cohort = $1::text and c.resolved_at is null and c.class = 'needs-review' and d.deleted_at is null`,
    [cohort],
  );
  return Number(rows[0]?.open);
}
