import type { Status } from '../core/model.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { StatusReport } from '../report/reports.ts';
import { changeStatus } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { requireCohorts } from './require-cohorts.ts';
import { statusOf } from './status.ts';

/** Pauses or resumes a cohort at once: whoever holds its lease is fenced. Doing it twice changes nothing. */
export async function setStatus(
  session: Session,
  cohort: string,
  to: Status,
  dryRun: boolean,
): Promise<StatusReport> {
  requireCohorts(session, [cohort]);
  if (!dryRun)
    await inTransaction(session.pool, async (tx) => {
      if (await changeStatus(tx, cohort, to))
        await appendJournal(tx, session.operator, to === 'paused' ? 'paused' : 'resumed', cohort);
    });
  return statusOf(session, [cohort]);
}
