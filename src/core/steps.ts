import { unclear } from './flag-trouble.ts';
import { formatCount } from './format-count.ts';
import type { FlagRole } from './model.ts';
import {
  type Act,
  act,
  type CohortObservation,
  type Decision,
  enter,
  type Refuse,
  refuse,
} from './observation.ts';
import { shellWord } from './shell-word.ts';
import type { Trigger } from './stages.ts';
import { TRANSITIONS } from './transitions.ts';

/** Stages with work left in them: killed at any point, they are taken up from what is observed. */
export type UnfinishedStage = 'dual-writing' | 'backfilling' | 'cutting-over' | 'rolling-back';

/** The next thing an unfinished stage has to do, or the move out of it once everything it asked for is seen done. */
export const STEPS: Readonly<Record<UnfinishedStage, (observation: CohortObservation) => Decision>> = {
  'dual-writing': (o) =>
    o.flags.dual_write === 'on'
      ? take(o, 'confirmed')
      : act({ do: 'set-flag', role: 'dual_write', on: true }, `dual_write ${o.flags.dual_write} ≠ on`),

  backfilling(o) {
    const { remaining } = o.backfill;
    if (remaining > 0) return act({ do: 'backfill' }, `documents left to copy ${formatCount(remaining)} > 0`);
    if (o.missing > 0) return act({ do: 'backfill' }, `missing ${formatCount(o.missing)} > 0`);
    if (o.behind > 0)
      return act({ do: 'catch-up' }, `captures older than the backfill ${formatCount(o.behind)} > 0`);
    if (!o.verified) return act({ do: 'verify' }, 'full comparisons since start 0 < 1');
    return take(o, 'confirmed');
  },

  'cutting-over'(o) {
    const [first] = o.standing.heldBackBy.flip;
    if (first !== undefined) return heldBack(o, first, 'default');
    const late = drifted(o) ?? latecomers(o);
    if (late) return late;
    if (o.flags.default !== 'on')
      return act(
        { do: 'set-flag', role: 'default', on: true },
        'documents on legacy 0 = 0, default off ≠ on',
      );
    return take(o, 'confirmed');
  },

  'rolling-back'(o) {
    const { takenBackFirst } = o.standing;
    if (takenBackFirst.length > 0) return rollBackFirst(o);
    const { localFirst } = o.authority;
    if (localFirst > 0)
      return act(
        { do: 'move-authority', to: 'legacy' },
        `documents on local-first ${formatCount(localFirst)} > 0`,
      );
    return turnOff(o, 'default') ?? turnOff(o, 'dual_write') ?? take(o, 'confirmed');
  },
};

/** The move that a trigger makes, or the reason why it makes none. */
export function take(o: CohortObservation, trigger: Trigger): Decision {
  const edge = TRANSITIONS[o.stage][trigger];
  if ('to' in edge) return enter(o.stage, trigger, edge);
  return refuse(
    'held',
    `${trigger} of ${o.name} is refused in stage ${o.stage}: ${edge.refused}`,
    edge.remedy.replaceAll('<cohort>', shellWord(o.name)),
  );
}

/** No document moves past one that differs, and no cohort past a document that does. */
export const drifted = ({ name, stage, drift }: CohortObservation): Refuse | null =>
  drift > 0
    ? refuse(
        'proof',
        `${name} stops in ${stage}: drift ${formatCount(drift)} > 0`,
        `See which with \`dualpath verify ${shellWord(name)} --dry-run\`, mend them with \`dualpath verify ${shellWord(name)} --repair\` and run the command again; or take it back with \`dualpath rollback ${shellWord(name)} --reason "why"\`.`,
      )
    : null;

/** Documents that came into a cohort which is on local-first, or is just going there, are brought to it one by one. */
export function latecomers({ missing, authority }: CohortObservation): Act | null {
  if (missing > 0) return act({ do: 'catch-up' }, `missing ${formatCount(missing)} > 0`);
  if (authority.legacy > 0)
    return act(
      { do: 'move-authority', to: 'local-first' },
      `documents on legacy ${formatCount(authority.legacy)} > 0`,
    );
  return null;
}

export const rollBackFirst = ({ standing: { takenBackFirst } }: CohortObservation): Act =>
  act(
    { do: 'roll-back-first', cohorts: takenBackFirst },
    `later cohorts with default on ${takenBackFirst.length} > 0: a percentage cannot be left out of them`,
  );

export const heldBack = (o: CohortObservation, first: string, role: FlagRole): Decision =>
  refuse(
    'held',
    `${o.name} is held back by ${first}: a percentage cannot be left out of a later cohort, and ${first} has ${role} off`,
    `Take ${first} as far first: \`dualpath why ${shellWord(first)}\` says what that needs.`,
  );

/** Authority has moved by now, so a flag that nobody may write holds the rollback without harm. */
function turnOff(o: CohortObservation, role: FlagRole): Decision | null {
  if (o.flags[role] === 'off') return null;
  return unclear(o, role) ?? act({ do: 'set-flag', role, on: false }, `${role} on ≠ off`);
}
