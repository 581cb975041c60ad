import type { Queryable } from '../postgres/queryable.ts';
import type { MismatchClass } from './compare.ts';
import type { Finding } from './finding.ts';

export type RunScope = 'full' | 'changed' | 'document';

/** What a comparison of a cohort has counted so far. `drift` counts every class, so `missing` and `extra` are in it. */
export interface Counts {
  readonly compared: number;
  readonly matched: number;
  readonly missing: number;
  readonly extra: number;
  readonly quarantined: number;
  readonly drift: number;
}

export interface Run {
  readonly id: string;
  readonly cursor: string | null;
  readonly finished: boolean;
  readonly counts: Counts;
  readonly repaired: number;
}

/**
 * A verification that was interrupted is continued for this long. What was compared before the interruption is not
 * looked at again, so a run must not stretch over more time than its reader would believe: an hour is well below the
 * shortest sensible `max_evidence_age`, and long enough for whoever was interrupted to call again.
 */
const CONTINUED_FOR = '1 hour';

interface Row {
  id: string;
  cursor: string | null;
  finished: boolean;
  compared: string;
  matched: string;
  missing: string;
  extra: string;
  quarantined: string;
  drift: string;
  repaired: string;
}
const COLUMNS = `id, cursor, finished_at is not null as finished, compared, matched, missing, extra, quarantined, drift, repaired`;

export async function openRun(db: Queryable, cohort: string, scope: RunScope): Promise<Run> {
  const open = scope === 'full' ? await findInterrupted(db, cohort) : null;
  if (open) return open;
  const { rows } = await db.query<Row>(
    `insert into dualpath.verifications (cohort, scope, started_at) values ($1::text, $2::text, clock_timestamp())
     returning ${COLUMNS}`,
    [cohort, scope],
  );
  return toRun(rows[0]);
}

/** The newest full run, if it never finished: one that a later run overtook is not taken up again. */
async function findInterrupted(db: Queryable, cohort: string): Promise<Run | null> {
  const { rows } = await db.query<Row & { open: boolean }>(
    `select ${COLUMNS}, finished_at is null and started_at > clock_timestamp() - interval '${CONTINUED_FOR}' as open
       from dualpath.verifications where cohort = $1::text and scope = 'full' order by id desc limit 1`,
    [cohort],
  );
  return rows[0]?.open ? toRun(rows[0]) : null;
}

export async function readRun(db: Queryable, id: string): Promise<Run> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from dualpath.verifications where id = $1::bigint`,
    [id],
  );
  return toRun(rows[0]);
}

/**
 * Moves the cursor and adds a page's counts, by compare-and-set on the cursor: of two programs that continue one run
 * the second sees false, throws its page away and goes on from where the first one is.
 */
export async function advanceRun(tx: Queryable, run: Run, cursor: string, add: Counts): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update dualpath.verifications
        set cursor = $3::text, compared = compared + $4::bigint, matched = matched + $5::bigint,
            missing = missing + $6::bigint, extra = extra + $7::bigint,
            quarantined = quarantined + $8::bigint, drift = drift + $9::bigint
      where id = $1::bigint and cursor is not distinct from $2::text and finished_at is null`,
    [
      run.id,
      run.cursor,
      cursor,
      add.compared,
      add.matched,
      add.missing,
      add.extra,
      add.quarantined,
      add.drift,
    ],
  );
  return rowCount === 1;
}

export async function finishRun(db: Queryable, run: Run): Promise<void> {
  await db.query(
    `update dualpath.verifications set finished_at = clock_timestamp() where id = $1::bigint and finished_at is null`,
    [run.id],
  );
}

/** A repaired document is no longer what it was counted as; `was` null: quarantined. */
export async function countRepair(tx: Queryable, run: Run, was: MismatchClass | null): Promise<void> {
  await tx.query(
    `update dualpath.verifications
        set repaired = repaired + 1, matched = matched + 1,
            drift = greatest(drift - ($2::text is not null)::int, 0),
            missing = greatest(missing - coalesce(($2::text = 'missing')::int, 0), 0),
            extra = greatest(extra - coalesce(($2::text = 'extra')::int, 0), 0),
            quarantined = greatest(quarantined - ($2::text is null)::int, 0)
      where id = $1::bigint`,
    [run.id, was],
  );
}

export function countFindings(findings: readonly Finding[]): Counts {
  const kinds = findings.map(({ comparison }) => comparison);
  const classes = kinds.flatMap((kind) => (kind.result === 'mismatch' ? [kind.class] : []));
  return {
    compared: kinds.filter(({ result }) => result !== 'absent').length,
    matched: kinds.filter(({ result }) => result === 'match').length,
    quarantined: kinds.filter(({ result }) => result === 'quarantined').length,
    missing: classes.filter((kind) => kind === 'missing').length,
    extra: classes.filter((kind) => kind === 'extra').length,
    drift: classes.length,
  };
}

function toRun(row: Row | undefined): Run {
  if (!row) throw new Error('the verification is gone from the control schema');
  return {
    id: row.id,
    cursor: row.cursor,
    finished: row.finished,
    counts: {
      compared: Number(row.compared),
      matched: Number(row.matched),
      missing: Number(row.missing),
      extra: Number(row.extra),
      quarantined: Number(row.quarantined),
      drift: Number(row.drift),
    },
    repaired: Number(row.repaired),
  };
}
