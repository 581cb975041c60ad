import { FLAG_ROLES, type FlagRole, type Stage } from './model.ts';
import { type Act, act, type CohortObservation, type Refuse, refuse } from './observation.ts';
import { shellWord } from './shell-word.ts';
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

/** What has to be seen to before anything is decided on these flags; null if they are what the stage implies. */
export function flagTrouble(observation: CohortObservation): Act | Refuse | null {
  for (const role of FLAG_ROLES) {
    const trouble = unclear(observation, role) ?? unexpected(observation, role);
    if (trouble) return trouble;
  }
  return null;
}

/** A write that may have happened is looked at, never repeated; a flag unseen or set by someone else is not written over. */
export function unclear({ name, flags }: CohortObservation, role: FlagRole): Act | Refuse | null {
  if (flags[role] === 'unconfirmed')
    return act({ do: 'confirm-flag', role }, `writes of ${role} with an unknown outcome 1 > 0`);
  if (flags[role] === 'unknown')
    return {
      ...refuse(
        'held',
        `flag ${role} of ${name} cannot be seen, so what it was last set to is unknown`,
        'Run `dualpath doctor`; go on when the flag server answers.',
      ),
      unseen: true,
    };
  if (flags[role] === 'drifted')
    return refuse(
      'held',
      `flag ${role} of ${name} was changed by someone else`,
      `See \`dualpath why ${shellWord(name)}\` for what differs and who did it, put the flag back, and run the command again; \`dualpath doctor\` says how to bring back one that is gone.`,
    );
  return null;
}

/** A flag that is confirmed, and not what the stage implies. */
export function unexpected({ name, stage, flags }: CohortObservation, role: FlagRole): Refuse | null {
  const implied = flagsOf(stage)[role];
  if (flags[role] === implied || FLAGS_UNDER_WAY[stage].includes(role)) return null;
  return refuse(
    'held',
    `flag ${role} of ${name} is ${flags[role]}, and in stage ${stage} it is ${implied}`,
    `Turn it ${implied} for this cohort, or run \`dualpath rollback ${shellWord(name)} --reason "why"\`.`,
  );
}
