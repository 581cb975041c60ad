import { backfill } from '../backfill/backfill.ts';
import { describeProgress } from '../backfill/describe-progress.ts';
import type { Authority } from '../core/model.ts';
import type { Action } from '../core/observation.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { appendJournal } from '../evidence/journal.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { enrolMissing } from '../soak/enrol.ts';
import { readAbility } from '../verify/ability.ts';
import { verify } from '../verify/verify.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { changeStage } from './cohort-records.ts';
import { type Moved, moveAuthority } from './cutover.ts';
import { countOf, describeBackfill, describeComparison } from './describe-action.ts';
import { confirmFlag, setFlag } from './flag-writes.ts';
import type { Lease } from './lease.ts';
import type { Observed } from './observe.ts';
import type { Session } from './session.ts';

/** What a step came to. */
export interface Acted {
  /** Processes that kept rows locked, where that is why something was left. */
  readonly holders: readonly number[];
  /** What was done, with its numbers; left out where there are none. */
  readonly did?: string;
}

const DONE: Acted = { holders: [] };

/** Does one step of one cohort, under its lease. Every step may die anywhere and be done again. */
export async function act(
  session: Session,
  lease: Lease,
  { record }: Observed,
  action: Exclude<Action, { do: 'roll-back-first' }>,
  because: string,
): Promise<Acted> {
  const { pool, stores, operator, progress } = session;
  const signal = AbortSignal.any([session.signal, lease.signal]);
  const cohort = record.name;
  switch (action.do) {
    case 'enter':
      await inTransaction(pool, async (tx) => {
        await changeStage(tx, lease.fence, { from: action.from, to: action.to, revision: record.revision });
        await appendJournal(tx, operator, action.to, cohort, { from: action.from, because });
      });
      return DONE;
    case 'set-flag':
      await setFlag(session, lease.fence, action);
      return DONE;
    case 'confirm-flag':
      await confirmFlag(session, lease.fence, action.role);
      return DONE;
    case 'backfill': {
      const onProgress = (each: Parameters<typeof describeProgress>[1]): void =>
        progress(describeProgress(cohort, each));
      const { seeded, quarantined } = await backfill(pool, stores, lease.fence, { signal, onProgress });
      await journal(session, lease.fence, 'backfilled', { seeded, quarantined });
      return { holders: [], did: describeBackfill(seeded, quarantined) };
    }
    case 'catch-up': {
      const onProgress = ({ taken }: { readonly taken: number }): void =>
        progress(`${cohort}: ${countOf(taken)} written meanwhile taken in`);
      const { holders } = await catchUp(pool, stores, { signal, onProgress });
      // A document that came in unseen by change capture is found by set difference only.
      await enrolMissing(pool, stores, cohort, await readAbility(pool, stores));
      return { holders };
    }
    case 'verify': {
      const onProgress = ({ compared }: { readonly compared: number }): void =>
        progress(`${cohort}: ${countOf(compared)} compared`);
      const [result] = await verify(pool, stores, { cohorts: [cohort], scope: 'full', signal, onProgress });
      const { compared = 0, matched = 0, driftTotal = 0 } = result ?? {};
      await journal(session, lease.fence, 'verified', { compared, matched, drift: driftTotal });
      return { holders: [], did: describeComparison(compared, driftTotal) };
    }
    case 'move-authority':
      return describeMoved(action.to, await moveAuthority(session, lease.fence, action.to, signal));
  }
}

const describeMoved = (to: Authority, { documents, holders }: Moved): Acted => ({
  holders,
  did: `${countOf(documents)} ${to === 'legacy' ? 'back on legacy' : 'moved to local-first, each on its proof'}`,
});

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
