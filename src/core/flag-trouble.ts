import { FLAG_ROLES, type FlagRole, type Stage } from './model.ts';
import { type CohortObservation, type Refuse, refuse } from './observation.ts';
import { flagsOf } from './stages.ts';

/** Flags that a stage may show on or off, because a transition into or out of it is writing them. */
export const FLAGS_UNDER_WAY: Readonly<Record<Stage, readonly FlagRole[]>> = {
  planned: [],
  'dual-writing': ['dual_write'],
  backfilling: [],
  soaking: [],
  'cutting-over': ['default'],
  baking: ['dual_write'],
  completed: [],
  'rolling-back': ['default', 'dual_write'],
  'rolled-back': [],
};

/** Why nothing may be decided on these flags; null if they are what the stage implies. */
export function flagTrouble(observation: CohortObservation): Refuse | null {
  for (const role of FLAG_ROLES) {
    const trouble = unreadable(observation, role) ?? unexpected(observation, role);
    if (trouble) return trouble;
  }
  return null;
}

/** A flag that cannot be seen, or that someone else set, is never written over. */
export function unreadable({ name, flags }: CohortObservation, role: FlagRole): Refuse | null {
  if (flags[role] === 'unknown')
    return refuse(
      'held',
      `flag ${role} of ${name} cannot be seen, so what it was last set to is unknown`,
      'Run `doctor`; go on when the flag server answers.',
    );
  if (flags[role] === 'drifted')
    return refuse(
      'held',
      `flag ${role} of ${name} was changed by someone else`,
      'See `status` for what differs and who did it, put the flag back, and run the command again.',
    );
  return null;
}

function unexpected({ name, stage, flags }: CohortObservation, role: FlagRole): Refuse | null {
  const implied = flagsOf(stage)[role];
  if (flags[role] === implied || FLAGS_UNDER_WAY[stage].includes(role)) return null;
  return refuse(
    'held',
    `flag ${role} of ${name} is ${flags[role]}, and in stage ${stage} it is ${implied}`,
    `Turn it ${implied} for this cohort, or run \`rollback\`.`,
  );
}
