import { advance } from './advance.ts';
import { flagTrouble } from './flag-trouble.ts';
import type { Stage } from './model.ts';
import { begin, complete, rollBack } from './moves.ts';
import { type Ask, type CohortObservation, type Decision, done, refuse } from './observation.ts';
import { shellWord } from './shell-word.ts';
import { STEPS, take, type UnfinishedStage } from './steps.ts';

interface Goal {
  readonly through: readonly UnfinishedStage[];
  readonly reached: Stage;
}

/** The stages an ask goes through once it has begun, and the one in which it is done. */
const GOALS: Readonly<Record<Exclude<Ask, 'advance'>, Goal>> = {
  start: { through: ['dual-writing', 'backfilling'], reached: 'soaking' },
  flip: { through: ['cutting-over'], reached: 'baking' },
  complete: { through: [], reached: 'completed' },
  rollback: { through: ['rolling-back'], reached: 'rolled-back' },
};

/**
 * The next step of one cohort towards what is asked, or why there is none. Total: every stage, status and ask has an
 * answer. What cannot be seen holds; only a rollback goes on while a cohort is paused or its flags are in doubt.
 */
export function decide(observation: CohortObservation, ask: Ask): Decision {
  if (ask === 'advance') return advance(observation);
  const { stage, status, name } = observation;
  const goal = GOALS[ask];
  if (stage === goal.reached) return done(`${name} is ${stage}`);
  if (ask === 'rollback') return rollBack(observation);
  const unfinished = goal.through.find((step) => step === stage);
  const move = unfinished ? null : take(observation, ask);
  if (move && 'refuse' in move) return move;
  if (status === 'paused')
    return refuse('held', `${name} is paused`, `Run \`dualpath resume ${shellWord(name)}\` first.`);
  const trouble = flagTrouble(observation);
  if (trouble) return trouble;
  if (unfinished) return STEPS[unfinished](observation);
  return ask === 'complete' ? complete(observation) : begin(observation, ask);
}

/** What keeps a cohort where it is, a line each, for `status`. */
export function waitingFor(decision: Decision): readonly string[] {
  if ('wait' in decision) return decision.wait;
  return 'refuse' in decision ? (decision.reasons ?? [decision.refuse]) : [];
}
