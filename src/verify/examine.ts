import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Ability } from './ability.ts';
import type { Finding } from './finding.ts';
import { lookAtOnce, settle, type Unsettled } from './settle.ts';

/** A page of documents compared: `fresh` is to be recorded by the caller, `settled` is recorded. */
export interface Examined {
  readonly fresh: readonly Finding[];
  readonly settled: readonly Finding[];
  readonly unsettled: readonly Unsettled[];
  /** As the first look saw them; what became of them is in `settled` or `unsettled`. */
  readonly differing: readonly Finding[];
}

/**
 * Compares documents in one snapshot, and those that differ once more at settled revisions. `cohort` answers for
 * what is in no cohort by itself.
 */
export async function examine(
  pool: Pool,
  stores: Stores,
  cohort: string | null,
  ids: readonly string[],
  ability: Ability,
): Promise<Examined> {
  if (ids.length === 0) return { fresh: [], settled: [], unsettled: [], differing: [] };
  const seen = (await lookAtOnce(pool, stores, ids)).map((finding) => ({
    ...finding,
    cohort: finding.cohort ?? cohort,
  }));
  const differing = seen.filter(({ comparison }) => comparison.result === 'mismatch');
  const { findings, unsettled } = await settle(pool, stores, differing, ability);
  return {
    fresh: seen.filter(({ comparison }) => comparison.result !== 'mismatch'),
    settled: findings,
    unsettled,
    differing,
  };
}
