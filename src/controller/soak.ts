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

async function soakRecord(session: Session, record: CohortRecord): Promise<SoakedCohort> {
  const { pool, stores, flags, signal } = session;
  const config = stores.config.cohorts.find((cohort) => cohort.name === record.name);
  if (!config) throw new Error(`cohort ${record.name} is not in the file`);
  const policy = record.stage === 'baking' ? config.bake : config.soak;
  const result = await round(pool, stores, record.name, { policy, flags, signal });
  return {
    name: record.name,
    stage: record.stage,
    verdict: result.verdict,
    observations: result.observations,
    mismatches: result.mismatches,
    upperBound: result.upperBound,
    gates: result.gates,
  };
}

const worst = (cohorts: readonly SoakedCohort[]): SoakReport['verdict'] =>
  verdictOf(cohorts.flatMap((cohort) => cohort.gates));
