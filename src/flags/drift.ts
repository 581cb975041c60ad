import type { Strategy } from '../core/flag-plan.ts';
import { HeldError } from '../errors.ts';
import { isGone } from './gone.ts';
import type { FlagChange, FlagObservation } from './port.ts';

/** A change to one of our flags that was not made by us. */
export interface FlagDrift {
  readonly flag: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'switched-off';
  readonly what: string;
  /** Who and when, where the provider knows. */
  readonly by?: string;
  readonly at?: string;
}

/**
 * How a flag differs from what we last confirmed (`expected`). While a write of ours is under way or its outcome is
 * unknown, `intended` is what it wants: each strategy may then stand as before or as after it.
 * Strategies of others that select nobody are no drift; neither is a second, equal copy of one of ours.
 */
export function compareFlags(
  expected: readonly Strategy[],
  observation: FlagObservation,
  intended: readonly Strategy[] = expected,
): readonly FlagDrift[] {
  const { flag } = observation;
  if (expected.length > 0 && isGone(observation)) return [drift(observation, 'removed', THE_FLAG)];
  if (!observation.exists) return [];

  const before = new Set(expected.map(strategyKey));
  const after = new Set(intended.map(strategyKey));
  const present = new Set(observation.strategies.map(strategyKey));
  const gone = expected.filter((one) => !present.has(strategyKey(one)));
  const missing = gone.filter((one) => after.has(strategyKey(one)));
  const strange = [
    ...observation.strategies
      .filter((one) => !before.has(strategyKey(one)) && !after.has(strategyKey(one)))
      .map((one) => ({ id: one.id, title: one.title, what: quoted(one.title), effective: true })),
    ...observation.foreign,
  ];
  const goneTitles = new Set(gone.map((one) => one.title));
  const strangeTitles = new Set(strange.map((one) => one.title));
  const off = !observation.enabled && expected.length > 0;
  return [
    ...(off ? [drift(observation, 'switched-off', `${flag} in its environment`)] : []),
    ...strange
      .filter((one) => one.effective || goneTitles.has(one.title))
      .map((one) =>
        drift(observation, goneTitles.has(one.title) ? 'changed' : 'added', one.what, { id: one.id }),
      ),
    ...missing
      .filter((one) => !strangeTitles.has(one.title))
      .map((one) => drift(observation, 'removed', quoted(one.title), { title: one.title })),
  ];
}

/** Equal for strategies that say the same, whatever the order of their keys. */
export function strategyKey(strategy: Strategy): string {
  const { title, rollout, groupId, constraints } = strategy;
  return JSON.stringify([
    title,
    rollout,
    groupId,
    constraints.map(({ contextName, operator, values, inverted }) => [
      contextName,
      operator,
      values,
      inverted,
    ]),
  ]);
}

/** The refusal that every write ends in when somebody else changed a flag. */
export function flagsChanged(drifts: readonly FlagDrift[]): HeldError {
  return new HeldError(
    'flags-changed',
    `${drifts.length === 1 ? 'A flag was' : 'Flags were'} changed by someone else: ${drifts.map(sentence).join('; ')}.`,
    drifts.every(({ what }) => what === THE_FLAG)
      ? `If that was meant to switch it off, run \`dualpath rollback --all --reason "why"\` first. Then, or if it was a mistake, bring it back: ${RESTORE}.`
      : 'Undo the change at the flag provider and run the command again; dualpath does not overwrite it.',
    { drift: drifts },
  );
}

/** What drifted where the whole flag is gone. */
export const THE_FLAG = 'the flag itself';

/** The command that brings a flag back which is gone. */
export const RESTORE = '`dualpath doctor --restore-flags --reason "why"`';

/** Somebody made a flag at the moment when we were about to bring it back. */
export const flagAppeared = (flag: string): HeldError =>
  flagsChanged([{ flag, kind: 'added', what: THE_FLAG }]);

function sentence({ flag, kind, what, by, at }: FlagDrift): string {
  return `${flag}: ${kind} ${what}${by === undefined ? '' : ` by ${by}`}${at === undefined ? '' : ` at ${at}`}`;
}

function drift(
  observation: FlagObservation,
  kind: FlagDrift['kind'],
  what: string,
  subject: { readonly id?: string; readonly title?: string } = {},
): FlagDrift {
  const change = observation.changes.find((one) => explains(one, kind, subject));
  return {
    flag: observation.flag,
    kind,
    what,
    ...(change?.by ? { by: change.by } : {}),
    ...(change === undefined ? {} : { at: change.at }),
  };
}

/** The newest entry of the history about the same subject; what was changed may also have been removed and added again. */
function explains(
  change: FlagChange,
  kind: FlagDrift['kind'],
  subject: { readonly id?: string; readonly title?: string },
): boolean {
  if (kind === 'switched-off') return change.kind === 'switched-off';
  if (subject.id !== undefined)
    return change.strategyId === subject.id && (change.kind === 'added' || change.kind === 'changed');
  if (subject.title !== undefined)
    return change.title === subject.title && (change.kind === 'removed' || change.kind === 'changed');
  return change.kind === 'removed' && change.strategyId === undefined;
}

function quoted(title: string): string {
  return `strategy "${title}"`;
}
