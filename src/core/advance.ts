import { approving } from './conditions.ts';
import { flagTrouble } from './flag-trouble.ts';
import { begin, complete, gateRefusal, isCompleting, openGates, rollBack } from './moves.ts';
import { type CohortObservation, type Decision, done, type Wait } from './observation.ts';
import { shellWord } from './shell-word.ts';
import { drifted, latecomers, STEPS } from './steps.ts';

/**
 * What `run` does for one cohort: whatever is due and approved. A failing gate never leads forward: it takes the cohort
 * back where the policy says so, or it holds.
 */
export function advance(o: CohortObservation): Decision {
  if (o.stage === 'rolling-back') return STEPS[o.stage](o);
  if (o.stage === 'rolled-back')
    return {
      wait: ['somebody to start it again, for it was rolled back'],
      because: `${o.name} was rolled back`,
      remedy: `Run \`dualpath start ${shellWord(o.name)}\` to begin again: it catches up and seeds nothing twice.`,
    };
  if (failsItsBake(o)) return rollBack(o);
  if (o.status === 'paused')
    return {
      wait: ['somebody to resume it, for it is paused'],
      because: `${o.name} is paused`,
      remedy: `Run \`dualpath resume ${shellWord(o.name)}\` to go on.`,
    };
  const trouble = flagTrouble(o);
  if (trouble) return trouble;
  switch (o.stage) {
    case 'planned':
      return startInOrder(o);
    case 'dual-writing':
    case 'backfilling':
    case 'cutting-over':
      return STEPS[o.stage](o);
    case 'soaking':
      return moveOnProof(o, 'flip');
    case 'baking':
      return isCompleting(o) ? complete(o) : moveOnProof(o, 'complete');
    case 'completed':
      return drifted(o) ?? latecomers(o) ?? done(`${o.name} is completed`);
  }
}

/** A gate that could not be judged is no reason to take a cohort back, and one half completed goes on. */
const failsItsBake = (o: CohortObservation): boolean =>
  o.stage === 'baking' &&
  o.onFail === 'roll-back' &&
  !isCompleting(o) &&
  o.gates.some(({ verdict }) => verdict === 'fail');

function startInOrder(o: CohortObservation): Decision {
  const { unsettled } = o.standing;
  if (unsettled.length === 0) return asWait(o, begin(o, 'start'));
  return {
    wait: unsettled.map((name) => `${name} to be completed, or to bake with every gate passing`),
    because: `unsettled earlier cohorts ${unsettled.length} > 0`,
    remedy: `See \`dualpath why ${shellWord(unsettled[0] ?? o.name)}\`; \`dualpath start ${shellWord(o.name)}\` starts it out of turn.`,
  };
}

function moveOnProof(o: CohortObservation, ask: 'flip' | 'complete'): Decision {
  const refusal = gateRefusal(o, ask);
  if (refusal?.exitKind === 'proof') return refusal;
  const late = o.stage === 'baking' ? latecomers(o) : null;
  if (late) return late;
  if (refusal) return asWait(o, refusal);
  if (o.approval[ask] === 'manual')
    return {
      wait: [`approval: ${ask}`],
      because: `every gate passes, approval of ${ask} is manual`,
      remedy: `Run ${approving(o.name, ask)} to approve it.`,
    };
  return asWait(o, ask === 'flip' ? begin(o, ask) : complete(o));
}

/** For `run`, being early or behind another cohort is waiting; what failed stays a refusal. */
function asWait(o: CohortObservation, decision: Decision): Decision {
  if (!('refuse' in decision) || decision.exitKind === 'proof') return decision;
  const reasons = decision.exitKind === 'not-yet' ? openGates(o) : [decision.refuse];
  const [retryAt] = o.gates.flatMap((gate) => gate.retryAt ?? []).sort();
  const wait: Wait = { wait: reasons, because: decision.refuse, remedy: decision.remedy };
  return retryAt === undefined ? wait : { ...wait, retryAt };
}
