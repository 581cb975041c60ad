import type { Gate } from '../core/gates.ts';
import type { Stage, Verdict } from '../core/model.ts';
import { closePairs } from '../documents/pairs.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Finding, isMismatch } from '../verify/finding.ts';

/** What a round counted so far. */
export interface RoundCounts {
  readonly compared: number;
  readonly sampled: number;
  readonly observations: number;
  readonly mismatches: number;
}

/**
 * Opens a round. It stands as an error without gates until it is judged: a round that dies has counted what it saw, and
 * is never mistaken for one that passed.
 */
export async function openRound(
  db: Queryable,
  cohort: string,
  stage: Stage,
  sampleSeed: number,
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into dualpath.rounds
       (cohort, stage, started_at, compared, sampled, sample_seed, observations, mismatches, verdict, gates)
     values ($1::text, $2::text, clock_timestamp(), 0, 0, $3::bigint, 0, 0, 'error', '[]'::jsonb)
     returning id::text as id`,
    [cohort, stage, sampleSeed],
  );
  const [row] = rows;
  if (!row) throw new Error('a round could not be recorded');
  return row.id;
}

/**
 * Counts a page of findings in the transaction that marks them, so that no death counts one twice. An observation is one
 * dual-written (document, revision) compared: the version that was compared, once; versions replaced before anybody
 * compared them are none, and the seed is none.
 */
export async function countPage(
  tx: Queryable,
  round: string,
  findings: readonly Finding[],
  sampled: number,
): Promise<void> {
  const still = findings.filter((finding) => finding.still);
  const differing = new Set(still.filter(isMismatch).map(({ id }) => id));
  const observed = await markObserved(tx, still);
  await closePairs(
    tx,
    still.map(({ id, seen }) => ({ id, ...seen })),
  );
  await tx.query(
    `update dualpath.rounds
        set compared = compared + $2::bigint, sampled = sampled + $3::bigint,
            observations = observations + $4::bigint, mismatches = mismatches + $5::bigint
      where id = $1::bigint`,
    [
      round,
      findings.filter(({ comparison }) => comparison.result !== 'absent').length,
      sampled,
      observed.length,
      observed.filter((id) => differing.has(id)).length,
    ],
  );
}

/**
 * Moves `observed` up to what was compared; gives the documents for which that was news. One that somebody is changing
 * is left to the next round, not waited for: a wait in another order than its writer's could deadlock.
 */
async function markObserved(tx: Queryable, findings: readonly Finding[]): Promise<readonly string[]> {
  const seen = findings.flatMap(({ id, version, observed, comparison: { result } }) =>
    version !== null &&
    observed !== null &&
    version !== observed &&
    (result === 'match' || result === 'mismatch')
      ? [{ id, version }]
      : [],
  );
  if (seen.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `with compared as (
       select * from unnest($1::text[], $2::bigint[]) as c (id, version)
     ), held as (
       select d.id from dualpath.documents d join compared c on c.id = d.id
        where d.observed < c.version and d.deleted_at is null for no key update of d skip locked
     )
     update dualpath.documents d set observed = c.version from compared c, held
      where d.id = c.id and held.id = d.id
     returning d.id`,
    [seen.map(({ id }) => id), seen.map(({ version }) => version)],
  );
  return rows.map(({ id }) => id);
}

/** What a round measured once, at its end; null: not measured. */
export interface Measured {
  readonly missing: number | null;
  readonly parity: { readonly checked: number; readonly wrong: number } | null;
}

export async function closeRound(tx: Queryable, round: string, measured: Measured): Promise<RoundCounts> {
  const { rows } = await tx.query<{ [count in keyof RoundCounts]: string }>(
    `update dualpath.rounds
        set finished_at = clock_timestamp(), missing = $2::bigint, parity_checked = $3::bigint,
            parity_wrong = $4::bigint
      where id = $1::bigint
     returning compared, sampled, observations, mismatches`,
    [round, measured.missing, measured.parity?.checked ?? null, measured.parity?.wrong ?? null],
  );
  const [row] = rows;
  return {
    compared: Number(row?.compared),
    sampled: Number(row?.sampled),
    observations: Number(row?.observations),
    mismatches: Number(row?.mismatches),
  };
}

export async function judgeRound(
  tx: Queryable,
  round: string,
  verdict: Verdict,
  gates: readonly Gate[],
): Promise<void> {
  await tx.query(`update dualpath.rounds set verdict = $2::text, gates = $3::jsonb where id = $1::bigint`, [
    round,
    verdict,
    JSON.stringify(gates),
  ]);
}

/** Sets the clock back to now, unless the cohort has left the stage that was judged. */
export async function restartWindow(tx: Queryable, cohort: string, stage: Stage): Promise<void> {
  await tx.query(
    `update dualpath.cohorts set window_since = clock_timestamp(), paused_ms = 0
      where name = $1::text and stage = $2::text`,
    [cohort, stage],
  );
}

/** When the set difference was last measured in this stage, in milliseconds ago; null: not yet. */
export async function coverageAge(db: Queryable, cohort: string): Promise<number | null> {
  const { rows } = await db.query<{ age: number | null }>(
    `select extract(epoch from clock_timestamp() - max(r.finished_at))::float8 * 1000 as age
       from dualpath.rounds r join dualpath.cohorts c on c.name = r.cohort
      where c.name = $1::text and r.started_at >= c.stage_since and r.missing is not null`,
    [cohort],
  );
  return rows[0]?.age ?? null;
}
