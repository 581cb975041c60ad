import { randomInt } from 'node:crypto';
import { verdictOf } from '../core/gates.ts';
import { isJudged } from '../core/stages.ts';
import type { SoakedCohort, SoakReport } from '../report/reports.ts';
import { type CohortRecord, readCohortRecords } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { round } from '../soak/round.ts';
import { requireCohorts } from './move.ts';

/** One round for each soaking or baking cohort, of those named or of all. Changes no flag, stage or authority. */
export async function soak(session: Session, cohorts: readonly string[]): Promise<SoakReport> {
  requireCohorts(session, cohorts);
  const soaked: SoakedCohort[] = [];
  for (const record of await readCohortRecords(session.pool)) {
    if (cohorts.length > 0 && !cohorts.includes(record.name)) continue;
    if (isJudged(record.stage)) soaked.push(await soakRecord(session, record));
  }
  return { verdict: soaked.length === 0 ? 'pass' : worst(soaked), cohorts: soaked };
}

/** A round for one cohort where its stage is judged; else nothing. */
export async function soakCohort(session: Session, cohort: string): Promise<void> {
  const record = (await readCohortRecords(session.pool)).find((each) => each.name === cohort);
  if (record && isJudged(record.stage)) await soakRecord(session, record);
}

async function soakRecord(session: Session, { name }: CohortRecord): Promise<SoakedCohort> {
  const { pool, stores, flags, signal } = session;
  const sampleSeed = randomInt(LARGEST_SEED);
  const result = await round(pool, stores, name, { flags, sampleSeed, signal });
  const { stage, verdict, observations, mismatches, upperBound, gates } = result;
  return { name, stage, verdict, observations, mismatches, upperBound, gates };
}

/** `randomInt` takes ranges below 2^48. */
const LARGEST_SEED = 2 ** 47;

const worst = (cohorts: readonly SoakedCohort[]): SoakReport['verdict'] =>
  verdictOf(cohorts.flatMap((cohort) => cohort.gates));
