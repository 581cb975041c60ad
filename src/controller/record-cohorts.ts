import type { CohortConfig } from '../config/config.ts';
import { checkRecorded } from '../core/cohorts.ts';
import { differencesOf } from '../core/redefinition.ts';
import { UsageError } from '../errors.ts';
import { appendJournal, type Operator } from '../evidence/journal.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import {
  type CohortRecord,
  deleteUnstarted,
  policyOf,
  readCohortRecords,
  recordCohort,
  redefineCohort,
} from '../rollout/cohort-records.ts';

/**
 * Makes the control schema know the cohorts of the file. Cohorts that never started are as the file says; a started one
 * keeps its place, and its definition unless it is rolled back; what may follow the file does, journaled.
 * @throws UsageError `cohort-changed` (exit 2) when the file differs for a started cohort.
 */
export async function recordCohorts(
  pool: Pool,
  cohorts: readonly CohortConfig[],
  operator: Operator,
): Promise<void> {
  if (isRecorded(await readCohortRecords(pool), cohorts)) return;
  await inTransaction(pool, async (tx) => {
    await tx.query(`lock table dualpath.cohorts in share row exclusive mode`);
    const records = await readCohortRecords(tx);
    refuseDifferences(records, cohorts);
    const started = records.filter((record) => record.startedAt !== null);
    await deleteUnstarted(tx);
    const redefined = new Set(differencesOf(records, cohorts).redefined.map((each) => each.cohort));
    for (const [place, cohort] of cohorts.entries()) {
      const before = started.find((record) => record.name === cohort.name);
      await recordCohort(tx, cohort, place);
      if (before && !samePolicy(before, cohort))
        await appendJournal(tx, operator, 'policy-changed', cohort.name, {
          from: before.policy,
          to: policyOf(cohort),
        });
      if (before && redefined.has(cohort.name)) {
        await redefineCohort(tx, cohort);
        await appendJournal(tx, operator, 'definition-changed', cohort.name, {
          from: before.definition,
          to: cohort.definition,
        });
      }
    }
  });
}

/** @throws UsageError `cohort-changed` (exit 2) when the file differs for a started cohort. */
export function refuseDifferences(records: readonly CohortRecord[], cohorts: readonly CohortConfig[]): void {
  const [first] = differencesOf(records, cohorts).refused;
  if (!first) return;
  const { remedy, ...difference } = first;
  throw new UsageError('cohort-changed', `${difference.because}.`, remedy, difference);
}

/** Whether the file says nothing new: then a command needs no right to write here. */
const isRecorded = (records: readonly CohortRecord[], cohorts: readonly CohortConfig[]): boolean =>
  records.length === cohorts.length &&
  checkRecorded(records, cohorts).length === 0 &&
  cohorts.every((cohort) => {
    const record = records.find((each) => each.name === cohort.name);
    return record !== undefined && samePolicy(record, cohort);
  });

/** jsonb keeps no order of keys. */
const samePolicy = (record: CohortRecord, cohort: CohortConfig): boolean =>
  sorted(record.policy) === sorted(policyOf(cohort));

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
