import { decide } from '../core/decide.ts';
import type { Ask, Decision } from '../core/observation.ts';
import { act } from './act.ts';
import { describeAction, describeDone } from './describe-action.ts';
import { acquireLease, type Lease, takeOverLease } from './lease.ts';
import { type Observed, observe, overlook } from './observe.ts';
import { patienceWith } from './patience.ts';
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
  const patience = patienceWith(cohort);
  let lease: Lease | null = null;
  try {
    while (true) {
      session.signal.throwIfAborted();
      const { observed, decision } = await look(session, cohort, ask);
      if (!('action' in decision)) return { cohort, decision, steps };
      const { action, because } = decision;
      const step = `${describeAction(action)} (${because})`;
      if (action.do === 'roll-back-first') {
        patience.spend(step);
        const first = await rollBackFirst(session, action.cohorts);
        steps.push(...first.steps);
        if (!('done' in first.decision)) return { cohort, decision: first.decision, steps };
        continue;
      }
      if (!lease) {
        // Looking is free, so the lease is taken only where there is something to do; a rollback waits for nobody. What was
        // seen before it was ours may be past, and is looked at again.
        lease = await (ask === 'rollback' ? takeOverLease : acquireLease)(session, cohort);
        continue;
      }
      patience.spend(step);
      session.progress(`${cohort}: ${step}`);
      const { holders, did = describeDone(action) } = await act(session, lease, observed, action, because);
      patience.met(holders);
      session.progress(null);
      steps.push(`${cohort}: ${did}`);
      session.note(`${cohort}: ${did}`, {
        cohort,
        did,
        entered: action.do === 'enter' ? action.to : null,
      });
    }
  } finally {
    session.progress(null);
    // One that cannot be given up ends by itself; why the work stopped is what the caller should hear.
    await lease?.release().catch(() => undefined);
  }
}

/** What the next step would be, without taking it. */
export async function foresee(session: Session, cohort: string, ask: Ask): Promise<Decision> {
  return (await look(session, cohort, ask)).decision;
}

interface Looked {
  readonly observed: Observed;
  readonly decision: Decision;
}

/**
 * Observes and decides. A rollback looks at the flags only once they are all that is left: a flag server that hangs shall
 * not keep documents from going back.
 * @throws why a flag could not be seen, where nothing but that holds the cohort
 */
async function look(session: Session, cohort: string, ask: Ask): Promise<Looked> {
  if (ask === 'rollback') {
    const observed = await observe(session, cohort, await overlook(session, { flags: false }));
    const decision = decide(observed.observation, ask);
    if (!('refuse' in decision && decision.unseen)) return { observed, decision };
  }
  const observed = await observe(session, cohort);
  const decision = decide(observed.observation, ask);
  if ('refuse' in decision && decision.unseen && observed.unseen) throw observed.unseen;
  return { observed, decision };
}

async function rollBackFirst(
  session: Session,
  cohorts: readonly string[],
): Promise<Pick<Reconciled, 'decision' | 'steps'>> {
  const steps: string[] = [];
  for (const later of cohorts) {
    const { decision, steps: taken } = await reconcile(session, later, 'rollback');
    steps.push(...taken);
    if (!('done' in decision)) return { decision, steps };
  }
  return { decision: { done: true, because: `${cohorts.join(', ')} went back first` }, steps };
}
