import type { Evidence } from '../core/evidence.ts';
import type { Gate } from '../core/gates.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** Evidence of one cohort as the database has it, with the database's own now and the gates judged last. */
export interface EvidenceRead {
  readonly evidence: Evidence;
  readonly now: Date;
  readonly previousGates: readonly Gate[];
}

interface Row {
  now: Date;
  window_since: Date | null;
  paused_ms: string;
  documents: string;
  unproven: string;
  quarantined: string;
  drift: string;
  drift_since: Date | null;
  unstored: string;
  unstored_since: Date | null;
  observations: string;
  mismatches: string;
  round_at: Date | null;
  parity_checked: string | null;
  parity_wrong: string | null;
  missing: string | null;
  missing_at: Date | null;
  verified_at: Date | null;
  verified: string | null;
  previous: readonly Gate[] | null;
}

/**
 * Reads everything the gates judge. Counts of documents come from indexes of the control schema; what takes a set
 * difference or the flag server was measured by a round of this stage, `round` being the one judged at this moment.
 * A round without gates never ended: its observations count, what it measured besides is not believed.
 */
export async function readEvidence(db: Queryable, cohort: string, round?: string): Promise<EvidenceRead> {
  const { rows } = await db.query<Row>(
    `with judged as (
       select r.* from dualpath.rounds r join dualpath.cohorts c on c.name = r.cohort
        where c.name = $1::text and r.started_at >= c.stage_since
          and (r.gates <> '[]'::jsonb or r.id = $2::bigint)
     ), newest as (
       select * from judged order by id desc limit 1
     ), measured as (
       select missing, finished_at from judged where missing is not null order by id desc limit 1
     ), verified as (
       select v.compared, v.finished_at from dualpath.verifications v
        where v.cohort = $1::text and v.scope = 'full' and v.finished_at is not null
          and v.started_at >= (select started_at from dualpath.cohorts where name = $1::text)
        order by v.id desc limit 1
     ), live as (
       select d.id, d.proof_head is distinct from d.head as unproven
         from dualpath.documents d
        where d.cohort = $1::text and d.deleted_at is null
          and not exists (select from dualpath.quarantine q where q.document_id = d.id)
     )
     select clock_timestamp() as now, c.window_since,
            c.paused_ms + case when c.paused_since is null then 0 else
              (extract(epoch from clock_timestamp() - greatest(c.paused_since, c.window_since)) * 1000)::bigint
            end as paused_ms,
            (select count(*) from live) as documents,
            (select count(*) from live where unproven) as unproven,
            (select count(*) from dualpath.quarantine where cohort = c.name) as quarantined,
            (select count(*) from dualpath.drift where cohort = c.name) as drift,
            (select min(since) from dualpath.drift where cohort = c.name) as drift_since,
            unstored.count as unstored, unstored.since as unstored_since,
            (select coalesce(sum(observations), 0) from dualpath.rounds
              where cohort = c.name and started_at >= c.window_since) as observations,
            (select coalesce(sum(mismatches), 0) from dualpath.rounds
              where cohort = c.name and started_at >= c.window_since) as mismatches,
            newest.finished_at as round_at, newest.parity_checked, newest.parity_wrong,
            measured.missing, measured.finished_at as missing_at,
            verified.finished_at as verified_at, verified.compared as verified,
            (select gates from judged where id is distinct from $2::bigint order by id desc limit 1) as previous
       from dualpath.cohorts c
            left join newest on true left join measured on true left join verified on true
            left join lateral (
              select count(*) as count, min(r.since) as since
                from dualpath.drift r join live on live.id = r.document_id
               where r.cohort = c.name and r.class = 'missing') unstored on true
      where c.name = $1::text`,
    [cohort, round ?? null],
  );
  const [row] = rows;
  if (!row) throw new Error(`cohort ${cohort} is not recorded`);
  return { evidence: toEvidence(row), now: row.now, previousGates: row.previous ?? [] };
}

function toEvidence(row: Row): Evidence {
  const windowed = row.window_since !== null;
  return {
    documents: Number(row.documents),
    // A document whose state went away is missing too, though it is linked and so not in the set difference.
    coverage:
      row.missing !== null && row.missing_at !== null
        ? { missing: Number(row.missing) + Number(row.unstored), at: missingSince(row, row.missing_at) }
        : null,
    drift: Number(row.drift),
    driftSince: row.drift_since,
    unproven: Number(row.unproven),
    verification:
      row.verified !== null && row.verified_at !== null
        ? { finishedAt: row.verified_at, compared: Number(row.verified) }
        : null,
    soakSince: row.window_since,
    pausedMs: Math.max(0, Number(row.paused_ms)),
    observations: windowed ? Number(row.observations) : null,
    mismatches: windowed ? Number(row.mismatches) : null,
    parity:
      row.parity_checked !== null && row.round_at !== null
        ? { checked: Number(row.parity_checked), wrong: Number(row.parity_wrong), at: row.round_at }
        : null,
    newestRoundAt: row.round_at,
    quarantined: Number(row.quarantined),
  };
}

/** States that went away since nothing was missing were found missing after that was measured. */
const missingSince = ({ missing, unstored_since }: Row, measured: Date): Date =>
  Number(missing) === 0 && unstored_since !== null && unstored_since > measured ? unstored_since : measured;
