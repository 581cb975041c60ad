import { isStarted } from '../core/stages.ts';
import { documentKey } from '../documents/document-key.ts';
import { appendJournal } from '../evidence/journal.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { readCohortRecords } from '../rollout/cohort-records.ts';
import { countOf } from '../rollout/describe-action.ts';
import type { Session } from '../rollout/session.ts';
import { countDrift, readDrift } from '../verify/record.ts';
import { type VerifyResult, verify } from '../verify/verify.ts';
import { requireCohorts } from './require-cohorts.ts';

export interface VerifyOptions {
  readonly scope: 'full' | 'changed' | { readonly document: string };
  readonly repair: boolean;
  /** Compares and mends nothing: says what the last comparison found to be mended. */
  readonly dryRun?: boolean | undefined;
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
  if (options.dryRun) return { cohorts: await Promise.all(names.map((name) => known(pool, name, options))) };
  const onProgress = ({ cohort, compared }: { readonly cohort: string; readonly compared: number }): void =>
    progress(`${cohort}: ${countOf(compared)} compared`);
  const results = await verify(pool, stores, { cohorts: names, ...options, signal, onProgress });
  progress(null);
  const named = typeof options.scope === 'object' ? options.scope : {};
  for (const { name, compared, driftTotal, repaired } of results)
    if (repaired > 0)
      await inTransaction(pool, (tx) =>
        appendJournal(tx, operator, 'repaired', name, { compared, repaired, drift: driftTotal, ...named }),
      );
  return { cohorts: results };
}

/** What stands recorded of a cohort, without looking at a document. */
async function known(db: Queryable, name: string, { scope, limit }: VerifyOptions): Promise<VerifyResult> {
  const document = typeof scope === 'object' ? documentKey(scope.document) : undefined;
  const { missing, extra, total } = await countDrift(db, name, document);
  return {
    name,
    compared: 0,
    matched: 0,
    missing,
    extra,
    quarantined: 0,
    repaired: 0,
    driftTotal: total,
    drift: await readDrift(db, name, { after: null, limit, document }),
    notRepaired: [],
    unsettledTotal: 0,
    unsettled: [],
    durationMs: 0,
  };
}
