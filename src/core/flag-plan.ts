import { UsageError } from '../errors.ts';
import { cohortOf, type Member, ROLLOUT_GROUP_ID } from './cohorts.ts';
import type { Definition } from './model.ts';

/** A cohort as the flags see it: its name and whom it selects. */
export interface FlagCohort {
  readonly name: string;
  readonly definition: Definition;
}

/** Narrows a strategy to (or, inverted, away from) users whose context field holds one of the values. */
export interface Constraint {
  readonly contextName: string;
  readonly operator: 'IN';
  readonly values: readonly string[];
  readonly inverted: boolean;
}

/** One gradual rollout by user id. `rollout` is whole per cents: everyone whose bucket (1–100) is at most that. */
export interface Strategy {
  readonly title: string;
  readonly rollout: number;
  readonly groupId: string;
  readonly constraints: readonly Constraint[];
}

/** A user with its place in the rollout: the first cohort that matches it. */
export interface PlacedUser extends Member {
  readonly cohort: string | null;
}

/** Every strategy of ours starts with it, so that a person knows whose it is and which cohort it serves. */
export const TITLE_PREFIX = 'dualpath: ';

/**
 * The strategy that is always there and selects nobody. Unleash opens a flag to everyone when it is switched on without
 * an enabled strategy, and switches it off when its last strategy goes: this one keeps both from happening.
 */
export const GUARD: Strategy = {
  title: `${TITLE_PREFIX}(guard) nobody, keeps this flag from opening to everyone`,
  rollout: 0,
  groupId: ROLLOUT_GROUP_ID,
  constraints: [],
};

/** Unleash's own limits: values a constraint, characters a value, constraints a strategy, strategies a flag and environment. */
const LIMITS = { values: 250, valueLength: 100, constraints: 30, strategies: 30 } as const;

const USER_ID = 'userId';

/**
 * The fewest strategies that make "the first cohort that matches" true while exactly the cohorts in `on` are on: one a
 * cohort, after the guard. Strategies are ORed, so each excludes the users of every earlier `users` and `match` cohort,
 * on or off: a strategy then depends on the definitions alone, and turning a cohort on or off adds or removes just its own.
 * Percentages are cumulative and cannot be excluded; `heldBackBy` is the rule that makes that right.
 * @throws UsageError when a definition cannot be said in strategies (too many values, a value the SDK would alter).
 */
export function wantedStrategies(
  cohorts: readonly FlagCohort[],
  on: ReadonlySet<string>,
): readonly Strategy[] {
  const unknown = [...on].find((name) => !cohorts.some((cohort) => cohort.name === name));
  if (unknown !== undefined) throw unknownCohort(unknown);
  const strategies = cohorts.flatMap((cohort, index) =>
    on.has(cohort.name) && selectsAnyone(cohort.definition)
      ? [strategyOf(cohort, cohorts.slice(0, index))]
      : [],
  );
  if (strategies.length + 1 > LIMITS.strategies)
    throw new UsageError(
      'too-many-strategies',
      `${strategies.length} cohorts would be on at once, and a flag holds at most ${LIMITS.strategies - 1} besides its guard.`,
      'Merge cohorts in cohorts.yaml, or complete earlier ones before starting this one.',
    );
  return [GUARD, ...strategies];
}

/**
 * The earlier percent cohorts that keep `name` from being on: a percentage cannot be excluded from a later strategy, so
 * while one of them is off, turning `name` on would turn some of its users on too. `start` and `flip` refuse then (5).
 * For `dual_write` pass the cohorts that have `dual_write` or `default` on: a completed percent cohort holds nothing back.
 */
export function heldBackBy(
  cohorts: readonly FlagCohort[],
  on: ReadonlySet<string>,
  name: string,
): readonly string[] {
  return cohorts
    .slice(0, placeOf(cohorts, name))
    .filter((cohort) => isPercent(cohort) && !on.has(cohort.name))
    .map((cohort) => cohort.name);
}

/** The later cohorts that a rollback of `name` has to take back before it, in that order: the last one first. */
export function takenBackFirst(
  cohorts: readonly FlagCohort[],
  on: ReadonlySet<string>,
  name: string,
): readonly string[] {
  const place = placeOf(cohorts, name);
  const cohort = cohorts[place];
  if (cohort === undefined || !isPercent(cohort)) return [];
  return cohorts
    .slice(place + 1)
    .filter((later) => on.has(later.name))
    .map((later) => later.name)
    .reverse();
}

/**
 * What the flag SDK must answer for a user while the cohorts in `on` are on. It is whether the user's own cohort is on,
 * with one exception: a percent cohort that is off (its `dual_write`, once completed) is seen through a later one
 * that is on and selects the user too, unless a `users` or `match` cohort before that one excludes the user.
 */
export function impliedAnswer(
  user: PlacedUser,
  cohorts: readonly FlagCohort[],
  on: ReadonlySet<string>,
): boolean {
  if (user.cohort === null) return false;
  if (on.has(user.cohort)) return true;
  const place = placeOf(cohorts, user.cohort);
  const own = cohorts[place];
  if (own === undefined || !isPercent(own)) return false;
  return cohorts.some(
    (later, after) =>
      after > place &&
      on.has(later.name) &&
      cohortOf(user, [later]) !== null &&
      cohortOf(user, cohorts.slice(0, after).filter(isExcludable)) === null,
  );
}

function strategyOf(cohort: FlagCohort, earlier: readonly FlagCohort[]): Strategy {
  const own = selectionOf(cohort);
  const constraints = [...own, ...exclusionsOf(earlier)];
  if (constraints.length > LIMITS.constraints)
    throw new UsageError(
      'too-many-constraints',
      `Cohort "${cohort.name}" would need ${constraints.length} constraints to leave out the cohorts before it; Unleash allows ${LIMITS.constraints}.`,
      'Match the earlier cohorts on an attribute instead of listing their users.',
      { cohort: cohort.name, constraints: constraints.length },
    );
  return {
    title: TITLE_PREFIX + cohort.name,
    rollout: 'percent' in cohort.definition ? wholePercent(cohort.name, cohort.definition.percent) : 100,
    groupId: ROLLOUT_GROUP_ID,
    constraints,
  };
}

/** The positive side has to fit one constraint: two of them would be ANDed. */
function selectionOf(cohort: FlagCohort): readonly Constraint[] {
  return Object.entries(valuesOf(cohort)).map(([contextName, values]) => {
    if (values.length > LIMITS.values)
      throw new UsageError(
        'too-many-values',
        `Cohort "${cohort.name}" lists ${values.length} values of ${contextName}; Unleash allows ${LIMITS.values} in one constraint.`,
        `Give those users an attribute of their own and match on it, or split the cohort into parts of at most ${LIMITS.values}.`,
        { cohort: cohort.name, values: values.length, limit: LIMITS.values },
      );
    return { contextName, operator: 'IN', values, inverted: false };
  });
}

/** The negative side is ANDed anyway, so earlier cohorts share a constraint per context field, cut at the limit. */
function exclusionsOf(earlier: readonly FlagCohort[]): readonly Constraint[] {
  const excluded = new Map<string, Set<string>>();
  for (const cohort of earlier)
    for (const [contextName, values] of Object.entries(valuesOf(cohort)))
      excluded.set(contextName, new Set([...(excluded.get(contextName) ?? []), ...values]));
  return [...excluded].flatMap(([contextName, values]) =>
    inPieces([...values], LIMITS.values).map(
      (piece): Constraint => ({ contextName, operator: 'IN', values: piece, inverted: true }),
    ),
  );
}

/** Context field → distinct values, for a cohort that is selected by values. */
function valuesOf({ name, definition }: FlagCohort): Readonly<Record<string, readonly string[]>> {
  const fields =
    'users' in definition ? { [USER_ID]: definition.users } : 'match' in definition ? definition.match : {};
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, values]) => values.length > 0)
      .map(([field, values]) => [
        'users' in definition ? field : contextField(name, field),
        [...new Set(values.map((value) => sayable(name, field, value)))],
      ]),
  );
}

function selectsAnyone(definition: Definition): boolean {
  if ('users' in definition) return definition.users.length > 0;
  if ('match' in definition) return Object.values(definition.match).some((values) => values.length > 0);
  return true;
}

/**
 * The SDK trims the values of a constraint and drops empty ones, and so would select other users than the database does;
 * Unleash refuses long ones, and its database U+0000.
 */
function sayable(cohort: string, field: string, value: string): string {
  const because =
    value.trim() === ''
      ? 'the flag SDK ignores empty values'
      : value !== value.trim()
        ? 'the flag SDK ignores spaces around a value'
        : value.length > LIMITS.valueLength
          ? `Unleash allows ${LIMITS.valueLength} characters in a value`
          : value.includes('\0') || /\p{Cs}/u.test(value)
            ? 'Unleash cannot store that text'
            : null;
  if (because === null) return value;
  throw new UsageError(
    'flag-value',
    `Cohort "${cohort}" selects ${field} by ${JSON.stringify(value.slice(0, LIMITS.valueLength))}, and ${because}.`,
    'Select those users by another attribute.',
    { cohort, field },
  );
}

/** Names that the SDK reads from its own context, or finds on every object, before it looks at attributes. */
const TAKEN = new Set([
  'userId',
  'sessionId',
  'remoteAddress',
  'environment',
  'appName',
  'currentTime',
  'properties',
  'featureToggle',
]);

/** Whether an attribute may bear this name in the flag context. */
export function isContextField(name: string): boolean {
  return /^[A-Za-z0-9_.~-]{1,100}$/.test(name) && !TAKEN.has(name) && !(name in {});
}

function contextField(cohort: string, field: string): string {
  if (isContextField(field)) return field;
  throw new UsageError(
    'flag-context-field',
    `Cohort "${cohort}" matches on "${field}", a name the flag SDK keeps for itself or cannot carry.`,
    'Give the attribute another name under users.attributes: letters, digits, "_", "-", "." and "~".',
    { cohort, field },
  );
}

function wholePercent(cohort: string, percent: number): number {
  if (Number.isInteger(percent) && percent >= 0 && percent <= 100) return percent;
  throw new UsageError(
    'flag-percent',
    `Cohort "${cohort}" has percent ${percent}, and flag buckets are whole per cents from 0 to 100.`,
    'Use a whole number.',
    { cohort, percent },
  );
}

/** A percentage is decided by the bucket, which no constraint can name. */
function isExcludable({ definition }: FlagCohort): boolean {
  return 'users' in definition || 'match' in definition;
}

function isPercent(cohort: FlagCohort): boolean {
  return 'percent' in cohort.definition;
}

function placeOf(cohorts: readonly FlagCohort[], name: string): number {
  const place = cohorts.findIndex((cohort) => cohort.name === name);
  if (place === -1) throw unknownCohort(name);
  return place;
}

function unknownCohort(name: string): UsageError {
  return new UsageError(
    'unknown-cohort',
    `There is no cohort "${name}".`,
    'Use a name that is listed under cohorts in cohorts.yaml.',
    { cohort: name },
  );
}

function inPieces<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
