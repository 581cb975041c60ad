import { randomInt } from 'node:crypto';
import { verdictOf } from '../core/gates.ts';
import type { Verdict } from '../core/model.ts';
import { isJudged } from '../core/stages.ts';
import { upperBound } from '../core/statistics.ts';
import type { SoakedCohort, SoakReport } from '../report/reports.ts';
import { type CohortRecord, readCohortRecords } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { readEvidence } from '../soak/evidence.ts';
import { judgeCohort, policyOf } from '../soak/judge-cohort.ts';
import { type RoundResult, round } from '../soak/round.ts';
import { readAbility } from '../verify/ability.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { requireCohorts } from './require-cohorts.ts';

/**
 * One round for each soaking or baking cohort, of those named or of all. Changes no flag, stage or authority. Where none
 * is judged any more, what was written past a completed cohort is still taken in.
 */
export async function soak(
  session: Session,
  cohorts: readonly string[],
  dryRun: boolean,
): Promise<SoakReport> {
  requireCohorts(session, cohorts);
  const records = (await readCohortRecords(session.pool)).filter(
    ({ name, stage }) => isJudged(stage) && (cohorts.length === 0 || cohorts.includes(name)),
  );
  if (dryRun) return standing(session, records);
  const results: RoundResult[] = [];
  for (const record of records) results.push(await roundOf(session, record.name));
  if (results.length === 0) await catchUpWhereAllowed(session);
  const [unreachable = null] = results.flatMap((result) => result.unreachable ?? []);
  return {
    verdict: verdictOfAll(results),
    cohorts: results.map(soaked),
    unreachable: unreachable && {
      code: unreachable.code,
      message: unreachable.message,
      remedy: unreachable.remedy,
    },
  };
}

/** What earlier rounds found, judged now. */
async function standing({ pool, stores }: Session, records: readonly CohortRecord[]): Promise<SoakReport> {
  const cohorts: SoakedCohort[] = [];
  for (const { name, stage } of records) {
    const gates = await judgeCohort(pool, stores, name);
    const { evidence } = await readEvidence(pool, name);
    const { observations, mismatches } = evidence;
    const { confidence } = policyOf(stores.config, name, stage);
    cohorts.push({
      name,
      stage,
      verdict: verdictOf(gates),
      observations: observations ?? 0,
      mismatches: mismatches ?? 0,
      upperBound: observations ? upperBound(mismatches ?? 0, observations, confidence) : null,
      gates,
    });
  }
  return { verdict: verdictOfAll(cohorts), cohorts, unreachable: null };
}

/** Where nothing soaks nothing was measured, which is no pass. */
const verdictOfAll = (cohorts: readonly Pick<SoakedCohort, 'gates'>[]): Verdict =>
  verdictOf(cohorts.flatMap(({ gates }) => gates));

/** A round for one cohort where its stage is judged; else nothing. */
export async function soakCohort(session: Session, cohort: string): Promise<void> {
  const record = (await readCohortRecords(session.pool)).find((each) => each.name === cohort);
  if (record && isJudged(record.stage)) await roundOf(session, cohort);
}

async function roundOf(session: Session, cohort: string): Promise<RoundResult> {
  const { pool, stores, flags, signal, progress } = session;
  progress(`${cohort}: a round compares what changed, and a sample of the rest`);
  const result = await round(pool, stores, cohort, { flags, sampleSeed: randomInt(LARGEST_SEED), signal });
  progress(null);
  return result;
}

const soaked = (result: RoundResult): SoakedCohort => {
  const { name, stage, verdict, observations, mismatches, upperBound, gates } = result;
  return { name, stage, verdict, observations, mismatches, upperBound, gates };
};

async function catchUpWhereAllowed({ pool, stores, signal }: Session): Promise<void> {
  const { canTakeIn } = await readAbility(pool, stores);
  if (canTakeIn) await catchUp(pool, stores, { signal });
}

/** `randomInt` takes ranges below 2^48. */
const LARGEST_SEED = 2 ** 47;
