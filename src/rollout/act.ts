import { backfill } from '../backfill/backfill.ts';
import { describeProgress } from '../backfill/describe-progress.ts';
import type { Action } from '../core/observation.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { enrolMissing } from '../soak/enrol.ts';
import { readAbility } from '../verify/ability.ts';
import { verify } from '../verify/verify.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { changeStage } from './cohort-records.ts';
import { moveAuthority } from './cutover.ts';
import { confirmFlag, setFlag } from './flag-writes.ts';
import type { Lease } from './lease.ts';
import type { Observed } from './observe.ts';
import type { Session } from './session.ts';

/**
 * Does one step of one cohort, under its lease. Every step may die anywhere and be done again. Gives the processes that
 * kept rows locked, where that is why something was left.
 */
export async function act(
  session: Session,
  lease: Lease,
  { record }: Observed,
  action: Exclude<Action, { do: 'roll-back-first' }>,
  because: string,
): Promise<readonly number[]> {
  const { pool, stores, operator, progress } = session;
  const signal = AbortSignal.any([session.signal, lease.signal]);
  const cohort = record.name;
  switch (action.do) {
    case 'enter':
      await inTransaction(pool, async (tx) => {
        await changeStage(tx, lease.fence, { from: action.from, to: action.to, revision: record.revision });
        await appendJournal(tx, operator, action.to, cohort, { from: action.from, because });
      });
      return [];
    case 'set-flag':
      await setFlag(session, lease.fence, action);
      return [];
    case 'confirm-flag':
      await confirmFlag(session, lease.fence, action.role);
      return [];
    case 'backfill': {
      const onProgress = (each: Parameters<typeof describeProgress>[1]): void =>
        progress(describeProgress(cohort, each));
      const { seeded, quarantined } = await backfill(pool, stores, lease.fence, { signal, onProgress });
      await journal(session, lease.fence, 'backfilled', { seeded, quarantined });
      return [];
    }
    case 'catch-up': {
      const { holders } = await catchUp(pool, stores, { signal });
      // A document that came in unseen by change capture is found by set difference only.
      await enrolMissing(pool, stores, cohort, await readAbility(pool, stores));
      return holders;
    }
    case 'verify': {
      const [result] = await verify(pool, stores, { cohorts: [cohort], scope: 'full', signal });
      const { compared = 0, matched = 0, driftTotal = 0 } = result ?? {};
      await journal(session, lease.fence, 'verified', { compared, matched, drift: driftTotal });
      return [];
    }
    case 'move-authority':
      return moveAuthority(session, lease.fence, action.to, signal);
  }
}

async function journal(
  session: Session,
  fence: Fence,
  kind: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await inTransaction(session.pool, async (tx) => {
    await assertFence(tx, fence);
    await appendJournal(tx, session.operator, kind, fence.cohort, data);
  });
}
