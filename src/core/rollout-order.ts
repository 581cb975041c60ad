import { type FlagCohort, heldBackBy, takenBackFirst } from './flag-plan.ts';
import type { Stage } from './model.ts';
import { flagsOf } from './stages.ts';

/** A cohort in rollout order. */
export interface OrderedCohort extends FlagCohort {
  readonly stage: Stage;
  /** Every gate of its present stage passes. */
  readonly gatesPass: boolean;
}

/** What the cohorts around one allow it to do; names in rollout order where not said otherwise. */
export interface Standing {
  /** Earlier cohorts that are neither completed nor baking with every gate passing: `run` starts nothing past them. */
  readonly unsettled: readonly string[];
  /** Earlier percent cohorts that keep it from this step, as their users could not be told apart by the flags. */
  readonly heldBackBy: Readonly<Record<'start' | 'flip' | 'complete', readonly string[]>>;
  /** Later cohorts that a rollback takes back before this one, the last one first. */
  readonly takenBackFirst: readonly string[];
}

/** @throws UsageError when `name` is none of the cohorts. */
export function standingOf(cohorts: readonly OrderedCohort[], name: string): Standing {
  const place = cohorts.findIndex((cohort) => cohort.name === name);
  const unsettled = cohorts
    .slice(0, Math.max(0, place))
    .filter(({ stage, gatesPass }) => stage !== 'completed' && !(stage === 'baking' && gatesPass));
  return {
    unsettled: unsettled.map((cohort) => cohort.name),
    heldBackBy: {
      start: heldBackBy(cohorts, having(cohorts, onEitherPath), name),
      flip: heldBackBy(cohorts, having(cohorts, onLocalFirst), name),
      // A completed cohort cannot be taken back, so completing it would cut the way back of a percent cohort before it.
      complete: heldBackBy(
        cohorts,
        having(cohorts, (stage) => stage === 'completed'),
        name,
      ),
    },
    takenBackFirst: takenBackFirst(cohorts, having(cohorts, perhapsOnLocalFirst), name),
  };
}

/**
 * The order in which a rollback of `names` goes, with the later cohorts it has to take back first: from the last cohort
 * to the first, so that none has `default` on while a percent cohort before it has it off.
 */
export function rollbackOrder(
  cohorts: readonly OrderedCohort[],
  names: readonly string[],
): readonly string[] {
  const going = new Set(names.flatMap((name) => [name, ...standingOf(cohorts, name).takenBackFirst]));
  return cohorts
    .map((cohort) => cohort.name)
    .filter((name) => going.has(name))
    .reverse();
}

const having = (cohorts: readonly OrderedCohort[], condition: (stage: Stage) => boolean): Set<string> =>
  new Set(cohorts.filter(({ stage }) => condition(stage)).map(({ name }) => name));

const onLocalFirst = (stage: Stage): boolean => flagsOf(stage).default === 'on';
const onEitherPath = (stage: Stage): boolean => flagsOf(stage).dual_write === 'on' || onLocalFirst(stage);
const perhapsOnLocalFirst = (stage: Stage): boolean => flagsOf(stage).default !== 'off';
