import type { Definition } from './model.ts';

/**
 * The Unleash `groupId` of both flags and all cohorts. One constant, or the same 10 % would be two different tenths.
 * Changing it would move every user to another bucket.
 */
export const ROLLOUT_GROUP_ID = 'dualpath';

/** A cohort as it is defined: its place is its index in rollout order. */
export interface DefinedCohort {
  readonly name: string;
  readonly definition: Definition;
}

/** What membership is decided on. `bucket` is 1–100, as the flag SDK computes it for the id in `ROLLOUT_GROUP_ID`. */
export interface Member {
  readonly id: string;
  /** Flag-context name → value; null or absent when the user has none, or is not in the users table. */
  readonly attributes: Readonly<Record<string, string | null>>;
  readonly bucket: number;
}

/** The name of the first cohort that matches the user; null when none does. */
export function cohortOf(user: Member, cohorts: readonly DefinedCohort[]): string | null {
  return cohorts.find(({ definition }) => matches(user, definition))?.name ?? null;
}

function matches(user: Member, definition: Definition): boolean {
  if ('users' in definition) return definition.users.includes(user.id);
  if ('match' in definition)
    return Object.entries(definition.match).every(([attribute, values]) => {
      const value = Object.hasOwn(user.attributes, attribute) ? user.attributes[attribute] : null;
      return value != null && values.includes(value);
    });
  // The flag SDK gives a user without an id no bucket.
  if ('percent' in definition) return user.id !== '' && user.bucket <= definition.percent;
  return true;
}

/** A started cohort as it was recorded. `place` counts from 0. */
export interface RecordedCohort extends DefinedCohort {
  readonly place: number;
}

/** How the file differs for a started cohort: what was recorded and what the file has, for a person. */
export interface CohortDifference {
  readonly cohort: string;
  readonly kind: 'removed' | 'definition' | 'place';
  readonly recorded: string;
  readonly file: string;
  readonly because: string;
}

/**
 * Compares started cohorts with the file, in rollout order. Cohorts after the last started one may change freely.
 * Whether `recorded` also holds cohorts that have not started yet makes no difference to the others.
 */
export function checkRecorded(
  recorded: readonly RecordedCohort[],
  file: readonly DefinedCohort[],
): readonly CohortDifference[] {
  return [...recorded].sort((a, b) => a.place - b.place).flatMap((cohort) => differencesOf(cohort, file));
}

function differencesOf(recorded: RecordedCohort, file: readonly DefinedCohort[]): CohortDifference[] {
  const place = file.findIndex(({ name }) => name === recorded.name);
  const found = file[place];
  const difference = (kind: CohortDifference['kind'], was: string, is: string, because: string) => ({
    cohort: recorded.name,
    kind,
    recorded: was,
    file: is,
    because,
  });
  if (found === undefined) {
    const was = describeDefinition(recorded.definition);
    return [difference('removed', was, 'absent', `${recorded.name} has been started and is not in the file`)];
  }
  const differences: CohortDifference[] = [];
  if (!sameDefinition(recorded.definition, found.definition)) {
    const [was, is] = [describeDefinition(recorded.definition), describeDefinition(found.definition)];
    const because = `${recorded.name} was started with ${was}, and the file has ${is}`;
    differences.push(difference('definition', was, is, because));
  }
  if (place !== recorded.place) {
    const [was, is] = [`${recorded.place + 1}`, `${place + 1}`];
    const because = `${recorded.name} was number ${was} in rollout order when it was started, and is number ${is} in the file`;
    differences.push(difference('place', was, is, because));
  }
  return differences;
}

/** Whether both select the same users: the order of a list, and saying a value twice, make no difference. */
function sameDefinition(one: Definition, other: Definition): boolean {
  return canonical(one) === canonical(other);
}

function canonical(definition: Definition): string {
  const set = (values: readonly string[]): string[] => [...new Set(values)].sort();
  if ('users' in definition) return JSON.stringify({ users: set(definition.users) });
  if ('match' in definition) {
    const entries = Object.entries(definition.match).map(([name, values]) => [name, set(values)] as const);
    return JSON.stringify({ match: entries.sort(([a], [b]) => (a < b ? -1 : 1)) });
  }
  return JSON.stringify(definition);
}

const SHOWN = 5;

/** The definition in the words of cohorts.yaml, long lists cut short: `users u-1, u-2 and 7 more`, `percent 10`. */
function describeDefinition(definition: Definition): string {
  const list = (values: readonly string[]): string =>
    values.length > SHOWN
      ? `${values.slice(0, SHOWN).join(', ')} and ${values.length - SHOWN} more`
      : values.join(', ');
  if ('users' in definition) return `users ${list(definition.users)}`;
  if ('match' in definition)
    return Object.entries(definition.match)
      .map(([attribute, values]) => `${attribute} ${list(values)}`)
      .join(' and ');
  return 'percent' in definition ? `percent ${definition.percent}` : 'everyone';
}
