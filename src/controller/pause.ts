import type { Status } from '../core/model.ts';
import { HeldError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { StatusReport } from '../report/reports.ts';
import { changeStatus, readCohortRecords } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { requireCohorts } from './require-cohorts.ts';
import { statusOf } from './status.ts';

/**
 * Pauses or resumes a cohort at once: whoever holds its lease is fenced. Doing it twice changes nothing.
 * @throws HeldError `held` for a pause of a completed cohort
 */
export async function setStatus(
  session: Session,
  cohort: string,
  to: Status,
  dryRun: boolean,
): Promise<StatusReport> {
  requireCohorts(session, [cohort]);
  await inTransaction(session.pool, async (tx) => {
    if (!dryRun && (await changeStatus(tx, cohort, to)))
      await appendJournal(tx, session.operator, to === 'paused' ? 'paused' : 'resumed', cohort);
    const record = (await readCohortRecords(tx)).find(({ name }) => name === cohort);
    if (to === 'paused' && record?.stage === 'completed') throw nothingToPause(cohort);
  });
  return statusOf(session, [cohort]);
}

const nothingToPause = (cohort: string): HeldError =>
  new HeldError(
    'held',
    `pause of ${cohort} is refused: it is completed, so there is no work and no clock to stop.`,
    'Nothing to do.',
    { cohort },
  );
