import { decide } from '../core/decide.ts';
import type { Ask, Decision } from '../core/observation.ts';
import { HeldError } from '../errors.ts';
import { act } from './act.ts';
import { describeAction } from './describe-action.ts';
import { acquireLease, type Lease, takeOverLease } from './lease.ts';
import { observe } from './observe.ts';
import type { Session } from './session.ts';

/** Where a reconciliation ended: the decision that is no action, and what was done on the way. */
export interface Reconciled {
  readonly cohort: string;
  readonly decision: Exclude<Decision, { action: unknown }>;
  readonly steps: readonly string[];
}

/**
 * Moves one cohort as far as what is asked allows: observe → decide → act (which records), until there is nothing to do,
 * something to wait for, or a refusal. What is remembered between two steps is in the database only.
 */
export async function reconcile(session: Session, cohort: string, ask: Ask): Promise<Reconciled> {
  const steps: string[] = [];
  const repeated = repetitions(cohort);
  let lease: Lease | null = null;
  try {
    while (true) {
      session.signal.throwIfAborted();
      const observed = await observe(session, cohort);
      const decision = decide(observed.observation, ask);
      if ('refuse' in decision && observed.unseen) throw observed.unseen;
      if (!('action' in decision)) return { cohort, decision, steps };
      const { action, because } = decision;
      repeated.refuse(`${describeAction(action)} (${because})`);
      if (action.do === 'roll-back-first') {
        for (const later of action.cohorts)
          steps.push(...(await reconcile(session, later, 'rollback')).steps);
        continue;
      }
      // A rollback waits for nobody; looking is free, so the lease is taken only where there is something to do.
      lease ??= await (ask === 'rollback' ? takeOverLease : acquireLease)(session, cohort);
      session.progress(`${cohort}: ${describeAction(action)} (${because})`);
      await act(session, lease, observed, action, because);
      session.progress(null);
      steps.push(`${cohort}: ${describeAction(action)}`);
      session.note(`${cohort}: ${describeAction(action)}`);
    }
  } finally {
    session.progress(null);
    await lease?.release();
  }
}

/** As often as this a step may leave everything as it was: rows that somebody holds may be free the next time. */
const PATIENCE = 5;

/** Ends a step that is done over and over and changes nothing, rather than spin. */
function repetitions(cohort: string): { refuse(step: string): void } {
  let last = '';
  let times = 0;
  return {
    refuse(step) {
      times = step === last ? times + 1 : 1;
      last = step;
      if (times > PATIENCE)
        throw new HeldError(
          'no-progress',
          `Cohort ${cohort} gets no further: ${step} was done ${PATIENCE} times and is still due.`,
          'See whether somebody keeps rows of its documents locked (pg_stat_activity), then run the command again.',
          { cohort, step },
        );
    },
  };
}

/** What the next step would be, without taking it. */
export async function foresee(session: Session, cohort: string, ask: Ask): Promise<Decision> {
  return decide((await observe(session, cohort)).observation, ask);
}
