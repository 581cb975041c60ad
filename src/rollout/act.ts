import { backfill } from '../backfill/backfill.ts';
import { describeProgress } from '../backfill/describe-progress.ts';
import type { Action } from '../core/observation.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { verify } from '../verify/verify.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { changeStage } from './cohort-records.ts';
import { moveAuthority } from './cutover.ts';
import { confirmFlag, setFlag } from './flag-writes.ts';
import type { Lease } from './lease.ts';
import type { Observed } from './observe.ts';
import type { Session } from './session.ts';

/** Does one step of one cohort, under its lease. Every step may die anywhere and be done again. */
export async function act(
  session: Session,
  lease: Lease,
  { record }: Observed,
  action: Exclude<Action, { do: 'roll-back-first' }>,
  because: string,
): Promise<void> {
  const { pool, stores, operator, progress } = session;
  const signal = AbortSignal.any([session.signal, lease.signal]);
  const cohort = record.name;
  switch (action.do) {
    case 'enter':
      return inTransaction(pool, async (tx) => {
        await changeStage(tx, lease.fence, { from: action.from, to: action.to, revision: record.revision });
        await appendJournal(tx, operator, action.to, cohort, { from: action.from, because });
      });
    case 'set-flag':
      return setFlag(session, cohort, action);
    case 'confirm-flag':
      return confirmFlag(session, cohort, action.role);
    case 'backfill': {
      const onProgress = (each: Parameters<typeof describeProgress>[1]): void =>
        progress(describeProgress(cohort, each));
      const { seeded, quarantined } = await backfill(pool, stores, lease.fence, { signal, onProgress });
      return journal(session, 'backfilled', cohort, { seeded, quarantined });
    }
    case 'catch-up': {
      await catchUp(pool, stores, { signal });
      return;
    }
    case 'verify': {
      const [result] = await verify(pool, stores, { cohorts: [cohort], scope: 'full', signal });
      const { compared = 0, matched = 0, driftTotal = 0 } = result ?? {};
      return journal(session, 'verified', cohort, { compared, matched, drift: driftTotal });
    }
    case 'move-authority':
      return moveAuthority(session, lease.fence, action.to, signal);
  }
}

async function journal(
  session: Session,
  kind: string,
  cohort: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await inTransaction(session.pool, (tx) => appendJournal(tx, session.operator, kind, cohort, data));
}
