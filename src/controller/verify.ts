import { isStarted } from '../core/stages.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { readCohortRecords } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { type VerifyResult, verify } from '../verify/verify.ts';
import { requireCohorts } from './move.ts';

export interface VerifyOptions {
  readonly scope: 'full' | 'changed' | { readonly document: string };
  readonly repair: boolean;
  /** Drifting documents listed a cohort; all are counted. */
  readonly limit: number;
}

export interface VerifyReport {
  readonly cohorts: readonly VerifyResult[];
}

/** Compares now: the cohorts named, or every started one. */
export async function verifyCohorts(
  session: Session,
  cohorts: readonly string[],
  options: VerifyOptions,
): Promise<VerifyReport> {
  requireCohorts(session, cohorts);
  const { pool, stores, signal, operator, progress } = session;
  const names = (await readCohortRecords(pool))
    .filter(({ name, stage }) => isStarted(stage) && (cohorts.length === 0 || cohorts.includes(name)))
    .map((record) => record.name);
  const results = await verify(pool, stores, { cohorts: names, ...options, signal });
  progress(null);
  for (const { name, compared, driftTotal, repaired } of results)
    if (repaired > 0)
      await inTransaction(pool, (tx) =>
        appendJournal(tx, operator, 'repaired', name, { compared, repaired, drift: driftTotal }),
      );
  return { cohorts: results };
}
