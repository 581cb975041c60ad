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
    ...checkEveryoneIsLast(cohorts),
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

function checkEveryoneIsLast(cohorts: readonly unknown[]): Finding[] {
  const first = cohorts.findIndex((cohort) => valueAt(cohort, ['everyone']) === true);
  const later = cohorts.length - 1 - first;
  if (first === -1 || later === 0) return [];
  const path = ['cohorts', first, 'everyone'];
  const after = later === 1 ? 'the cohort after it' : `the ${later} cohorts after it`;
  return [{ path, at: 'key', problem: `leaves nobody for ${after}`, remedy: 'Move this cohort to the end.' }];
}

/** A cohort that no user can reach is a slip: its gates would never see a document. */
function checkReachable(cohorts: readonly unknown[], index: number): Finding[] {
  const cohort = cohorts[index];
  if (!isRecord(cohort)) return [];
  const earlier = cohorts.slice(0, index);
  const widest = Math.max(0, ...earlier.map(percentOf));
  const percent = percentOf(cohort);
  if (percent > 0 && percent <= widest) {
    const problem = `is ${percent}, and an earlier cohort takes the first ${widest} per cent`;
    const remedy = `Percentages are cumulative: write more than ${widest}.`;
    return [atValue(['cohorts', index, 'percent'], problem, remedy)];
  }
  const selects = selections(cohort).length > 0;
  if (selects && widest >= 100) return [unreachable(index, 'an earlier cohort takes 100 per cent')];
  if (selects && coveredBy(earlier, cohort))
    return [unreachable(index, 'earlier cohorts take all its values')];
  return [];
}

const percentOf = (cohort: unknown): number => {
  const percent = valueAt(cohort, ['percent']);
  return typeof percent === 'number' ? percent : 0;
};

const unreachable = (index: number, because: string): Finding =>
  atValue(['cohorts', index], `can never have a user: ${because}`, 'Remove it, or move it before them.');

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
