import type { CohortConfig } from '../config/config.ts';
import { checkRecorded } from '../core/cohorts.ts';
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
} from '../rollout/cohort-records.ts';

/**
 * Makes the control schema know the cohorts of the file. Cohorts that never started are as the file says; a started one
 * keeps its definition and place, and its soak, bake and approval follow the file, journaled.
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
    for (const [place, cohort] of cohorts.entries()) {
      const before = started.find((record) => record.name === cohort.name);
      await recordCohort(tx, cohort, place);
      if (before && !samePolicy(before, cohort))
        await appendJournal(tx, operator, 'policy-changed', cohort.name, {
          from: before.policy,
          to: policyOf(cohort),
        });
    }
  });
}

/** @throws UsageError `cohort-changed` (exit 2) when the file differs for a started cohort. */
export function refuseDifferences(records: readonly CohortRecord[], cohorts: readonly CohortConfig[]): void {
  // A planned cohort before a started one decides who is left for it, so it is held to the record too.
  const last = Math.max(-1, ...records.flatMap(({ place, startedAt }) => (startedAt ? [place] : [])));
  const [difference] = checkRecorded(
    records.filter((record) => record.place <= last),
    cohorts,
  );
  if (!difference) return;
  throw new UsageError(
    'cohort-changed',
    `${difference.because}.`,
    'Put the file back for started cohorts; new ones may be added after them. To change a started cohort, roll it back first and add it under a new name.',
    { ...difference },
  );
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
