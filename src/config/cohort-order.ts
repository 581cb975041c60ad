import { atValue, type Finding, quoted } from './mistakes.ts';
import { isRecord, list, record, selectionsOf, valueAt } from './raw.ts';
import { nearestWord } from './unknown-key.ts';

const SELECTORS = ['users', 'match', 'percent', 'everyone'] as const;
const MOST_STRATEGIES = 29; // of a flag in Unleash, besides the guard that keeps it from opening to everyone

/** What the cohorts say together: each selects users in one way, and none is shut out by those before it. */
export function checkCohorts(data: unknown): readonly Finding[] {
  const cohorts = list(valueAt(data, ['cohorts']));
  return [
    ...checkNames(cohorts),
    ...checkCount(cohorts, valueAt(data, ['flags', 'provider']) ?? 'unleash'),
    ...cohorts.flatMap((cohort, index) => checkSelector(data, cohort, index)),
    ...cohorts.flatMap((cohort, index) => checkRepeated(cohort, index)),
    ...cohorts.flatMap((_, index) => checkReachable(cohorts, index)),
  ];
}

function checkNames(cohorts: readonly unknown[]): Finding[] {
  const seen = new Map<unknown, number>();
  return cohorts.flatMap((cohort, index) => {
    const name = valueAt(cohort, ['name']);
    if (typeof name !== 'string') return [];
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    if (first === undefined) return [];
    return [
      atValue(
        ['cohorts', index, 'name'],
        `is ${quoted(name)}, the name of cohorts[${first}] too`,
        'Give each cohort a name of its own.',
      ),
    ];
  });
}

function checkCount(cohorts: readonly unknown[], provider: unknown): Finding[] {
  if (provider !== 'unleash' || cohorts.length <= MOST_STRATEGIES) return [];
  const problem = `are ${cohorts.length}, and an Unleash flag has room for ${MOST_STRATEGIES}`;
  return [
    {
      path: ['cohorts'],
      at: 'key',
      problem,
      remedy: 'Join cohorts, for instance by matching several values of an attribute.',
    },
  ];
}

function checkSelector(data: unknown, cohort: unknown, index: number): Finding[] {
  const keys = record(cohort);
  const used = SELECTORS.filter((key) => keys[key] !== undefined);
  if (!isRecord(cohort)) return [];
  const [first, second] = used;
  if (first === undefined) {
    const problem = 'selects nobody';
    return [
      {
        path: ['cohorts', index],
        at: 'value',
        problem,
        remedy: 'Add one of users, match, percent and everyone.',
      },
    ];
  }
  if (second !== undefined) {
    const problem = `is set beside ${first}`;
    const remedy = 'Keep one of users, match, percent and everyone; make a second cohort for the other.';
    return [{ path: ['cohorts', index, second], at: 'key', problem, remedy }];
  }
  return first === 'match' ? checkMatch(data, keys.match, index) : [];
}

function checkMatch(data: unknown, match: unknown, index: number): Finding[] {
  const attributes = Object.keys(record(match));
  const path = ['cohorts', index, 'match'];
  if (typeof match !== 'object' || Array.isArray(match)) return [];
  if (attributes.length !== 1)
    return [
      atValue(
        path,
        `names ${attributes.length} attributes`,
        'Name exactly one: what is ANDed here cannot be left out of later cohorts.',
      ),
    ];
  const declared = valueAt(data, ['users', 'attributes']);
  const known = declared === undefined ? ['school'] : Object.keys(record(declared));
  return attributes
    .filter((attribute) => !known.includes(attribute))
    .map((attribute) => {
      const near = nearestWord(attribute, known);
      const remedy = near
        ? `Did you mean ${near}?`
        : `Add ${quoted(attribute)} and its column to users.attributes${known.length > 0 ? `, or match on ${known.join(', ')}` : ''}.`;
      return { path: [...path, attribute], at: 'key', problem: 'is not in users.attributes', remedy };
    });
}

function checkRepeated(cohort: unknown, index: number): Finding[] {
  return selections(cohort).flatMap(({ path, values }) => {
    const seen = new Set<string>();
    return values.flatMap((item, position) => {
      if (!seen.has(item)) {
        seen.add(item);
        return [];
      }
      return [
        atValue(
          ['cohorts', index, ...path, position],
          `is ${quoted(item)}, which is in the list already`,
          'Remove one of the two.',
        ),
      ];
    });
  });
}

/** A cohort that no user can reach is a slip: its gates would never see a document. */
function checkReachable(cohorts: readonly unknown[], index: number): Finding[] {
  const cohort = cohorts[index];
  const earlier = cohorts.slice(0, index);
  const name = (one: unknown): string => String(valueAt(one, ['name']) ?? `cohorts[${cohorts.indexOf(one)}]`);
  const shutOut = (by: string, remedy: string): Finding[] => [
    { path: ['cohorts', index], at: 'value', problem: `can never have a user: ${by}`, remedy },
  ];
  if (!isRecord(cohort)) return [];

  const everyone = earlier.find((one) => valueAt(one, ['everyone']) === true);
  if (everyone !== undefined)
    return shutOut(`${name(everyone)} takes everyone before it`, `Move ${name(everyone)} to the end.`);

  const percents = earlier.filter((one) => typeof valueAt(one, ['percent']) === 'number');
  const widest = percents.reduce<number>((most, one) => Math.max(most, Number(valueAt(one, ['percent']))), 0);
  const percent = valueAt(cohort, ['percent']);
  if (typeof percent === 'number' && percent <= widest && percent >= 1) {
    const problem = `is ${percent}, and an earlier cohort takes the first ${widest} per cent already`;
    return [
      atValue(
        ['cohorts', index, 'percent'],
        problem,
        `Percentages are cumulative: write more than ${widest}.`,
      ),
    ];
  }
  if (widest >= 100 && valueAt(cohort, ['everyone']) !== true && percent === undefined)
    return shutOut('an earlier cohort takes 100 per cent', 'Move it before that cohort.');
  return coveredBy(earlier, cohort)
    ? shutOut('earlier cohorts take all its values', 'Remove it, or move it before them.')
    : [];
}

function coveredBy(earlier: readonly unknown[], cohort: unknown): boolean {
  const taken = new Set(
    earlier.flatMap((one) =>
      selections(one).flatMap(({ path, values }) => values.map((item) => tag(path, item))),
    ),
  );
  const own = selections(cohort).flatMap(({ path, values }) => values.map((item) => tag(path, item)));
  return own.length > 0 && own.every((item) => taken.has(item));
}

const tag = (path: readonly string[], item: string): string => JSON.stringify([path, item]);

/** The values as they will be compared; anything that is no value has been reported. */
const selections = (
  cohort: unknown,
): readonly { readonly path: readonly string[]; readonly values: readonly string[] }[] =>
  selectionsOf(cohort).map(({ path, values }) => ({
    path,
    values: values.flatMap((item) =>
      typeof item === 'string' || Number.isInteger(item) ? [String(item)] : [],
    ),
  }));
