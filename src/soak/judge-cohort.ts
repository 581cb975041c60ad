import type { Config } from '../config/config.ts';
import { carrySince, type Gate, gatesJudged, judge, keepFailures } from '../core/gates.ts';
import type { Stage } from '../core/model.ts';
import type { SoakPolicy } from '../core/policy.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { readEvidence } from './evidence.ts';

/** What a cohort has to show in this stage: the bake's policy once it bakes, before that the soak's. */
export function policyOf(config: Config, cohort: string, stage: Stage): SoakPolicy {
  const found = config.cohorts.find(({ name }) => name === cohort);
  if (!found) throw new Error(`cohort ${cohort} is not in the config`);
  return stage === 'baking' ? found.bake : found.soak;
}

/** Judges a soaking or baking cohort by what was recorded of it, rounds and receipts. Measures and writes nothing. */
export async function judgeCohort(db: Queryable, stores: Stores, cohort: string): Promise<readonly Gate[]> {
  const { rows } = await db.query<{ stage: Stage }>(
    `select stage from dualpath.cohorts where name = $1::text`,
    [cohort],
  );
  const { evidence, now, previousGates } = await readEvidence(db, cohort);
  const policy = policyOf(stores.config, cohort, rows[0]?.stage ?? 'soaking');
  const judged = judge(evidence, policy, now, gatesJudged(stores.config.writePath));
  return carrySince(keepFailures(judged, previousGates), previousGates);
}
