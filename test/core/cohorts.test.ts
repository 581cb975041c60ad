import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRecorded, cohortOf, type DefinedCohort, type RecordedCohort } from '../../src/core/cohorts.ts';
import type { Definition } from '../../src/core/model.ts';

const COHORTS: readonly DefinedCohort[] = [
  { name: 'staff', definition: { users: ['u-1', 'u-2'] } },
  { name: 'pilot-school', definition: { match: { school: ['lincoln-high', 'roosevelt'] } } },
  { name: 'tenth', definition: { percent: 10 } },
  { name: 'everyone', definition: { everyone: true } },
];

describe('a user', () => {
  const user = (id: string, bucket: number, school: string | null = null) => ({
    id,
    bucket,
    attributes: { school },
  });

  test('belongs to the first cohort that matches', () => {
    expect(cohortOf(user('u-1', 1, 'lincoln-high'), COHORTS)).toBe('staff');
    expect(cohortOf(user('u-3', 1, 'lincoln-high'), COHORTS)).toBe('pilot-school');
    expect(cohortOf(user('u-3', 1), COHORTS)).toBe('tenth');
    expect(cohortOf(user('u-3', 11), COHORTS)).toBe('everyone');
  });

  test('belongs to a percent cohort up to and including its per cent', () => {
    expect([9, 10, 11].map((bucket) => cohortOf(user('u', bucket), COHORTS))).toEqual([
      'tenth',
      'tenth',
      'everyone',
    ]);
  });

  test('belongs to none when none matches', () => {
    expect(cohortOf(user('u-3', 50), COHORTS.slice(0, 3))).toBeNull();
    expect(cohortOf(user('u-1', 1), [])).toBeNull();
  });

  test('without the attribute matches no value of it', () => {
    expect(cohortOf({ id: 'u', bucket: 50, attributes: {} }, COHORTS)).toBe('everyone');
    expect(cohortOf(user('u', 50, ''), COHORTS)).toBe('everyone');
  });

  test('is not matched by what every object inherits', () => {
    const cohort = { name: 'a', definition: { match: { constructor: ['x'], toString: ['y'] } } };
    expect(cohortOf({ id: 'u', bucket: 1, attributes: {} }, [cohort])).toBeNull();
  });

  test('without an id has no bucket, as the flag SDK has it', () => {
    expect(cohortOf(user('', 1), COHORTS)).toBe('everyone');
  });
});

describe('the file, against what was recorded when cohorts were started', () => {
  const recorded = (...names: readonly string[]): readonly RecordedCohort[] =>
    COHORTS.flatMap((cohort, place) => (names.includes(cohort.name) ? [{ ...cohort, place }] : []));
  const changed = (name: string, definition: Definition): readonly DefinedCohort[] =>
    COHORTS.map((cohort) => (cohort.name === name ? { name, definition } : cohort));
  const kinds = (was: readonly RecordedCohort[], file: readonly DefinedCohort[]) =>
    checkRecorded(was, file).map(({ cohort, kind }) => `${cohort} ${kind}`);

  test('may be as it was', () => {
    expect(checkRecorded(recorded('staff', 'pilot-school'), COHORTS)).toEqual([]);
    expect(checkRecorded([], COHORTS)).toEqual([]);
  });

  test('may have new cohorts at the end, and change those that have not started', () => {
    const file = [
      ...changed('tenth', { percent: 20 }).slice(0, 3),
      { name: 'new', definition: { percent: 50 } },
    ];
    expect(checkRecorded(recorded('staff', 'pilot-school'), file)).toEqual([]);
  });

  test('may list values in another order', () => {
    const file = changed('staff', { users: ['u-2', 'u-1'] });
    expect(checkRecorded(recorded('staff'), file)).toEqual([]);
  });

  test('differs where a started cohort has another definition', () => {
    expect(checkRecorded(recorded('staff'), changed('staff', { users: ['u-1', 'u-2', 'u-3'] }))).toEqual([
      {
        cohort: 'staff',
        kind: 'definition',
        recorded: 'users u-1, u-2',
        file: 'users u-1, u-2, u-3',
        because: 'staff was started with users u-1, u-2, and the file has users u-1, u-2, u-3',
      },
    ]);
  });

  test.each<[string, Definition]>([
    ['staff', { match: { school: ['u-1', 'u-2'] } }],
    ['pilot-school', { match: { school: ['lincoln-high'] } }],
    ['pilot-school', { match: { district: ['lincoln-high', 'roosevelt'] } }],
    ['tenth', { percent: 11 }],
    ['everyone', { percent: 100 }],
  ])('differs where %s becomes %j', (name, definition) => {
    expect(kinds(recorded(name), changed(name, definition))).toEqual([`${name} definition`]);
  });

  test('differs where a started cohort is gone', () => {
    expect(checkRecorded(recorded('tenth'), COHORTS.slice(0, 2))).toEqual([
      {
        cohort: 'tenth',
        kind: 'removed',
        recorded: 'percent 10',
        file: 'absent',
        because: 'tenth has been started and is not in the file',
      },
    ]);
  });

  test('differs where a started cohort has another name', () => {
    const file = COHORTS.map((cohort, index) => (index === 0 ? { ...cohort, name: 'team' } : cohort));
    expect(kinds(recorded('staff'), file)).toEqual(['staff removed']);
  });

  test('differs where one is inserted before a started cohort', () => {
    const file = [COHORTS[0], { name: 'new', definition: { users: ['n'] } }, ...COHORTS.slice(1)].filter(
      (c) => c !== undefined,
    );
    const differences = checkRecorded(recorded('staff', 'pilot-school'), file);
    expect(differences.map(({ because }) => because)).toEqual([
      'pilot-school was number 2 in rollout order when it was started, and is number 3 in the file',
    ]);
  });

  test('differs where started cohorts change places', () => {
    const file = [COHORTS[1], COHORTS[0], COHORTS[2]].filter((cohort) => cohort !== undefined);
    expect(kinds(recorded('staff', 'pilot-school'), file)).toEqual(['staff place', 'pilot-school place']);
  });

  test('says all that differs, in rollout order, whatever the order of the records', () => {
    const file = [...changed('tenth', { percent: 5 }).slice(1), COHORTS[0]].filter(
      (cohort) => cohort !== undefined,
    );
    expect(kinds([...recorded('staff', 'tenth')].reverse(), file)).toEqual([
      'staff place',
      'tenth definition',
      'tenth place',
    ]);
  });

  test('shows long lists in brief', () => {
    const users = Array.from({ length: 250 }, (_, index) => `u-${index}`);
    const was = [{ name: 'a', definition: { users }, place: 0 }];
    const [difference] = checkRecorded(was, [{ name: 'a', definition: { users: users.slice(1) } }]);
    expect(difference?.recorded).toBe('users u-0, u-1, u-2, u-3, u-4 and 245 more');
  });

  test('is the same after the record went through JSON', () => {
    const definition = fc.oneof(
      fc.record({ users: fc.array(fc.string(), { minLength: 1 }) }),
      fc.record({ match: fc.dictionary(fc.string(), fc.array(fc.string()), { minKeys: 1, maxKeys: 2 }) }),
      fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      fc.constant({ everyone: true as const }),
    );
    fc.assert(
      fc.property(fc.array(definition, { maxLength: 5 }), (definitions) => {
        const file = definitions.map((each, index) => ({ name: `c${index}`, definition: each }));
        const stored = JSON.parse(
          JSON.stringify(file.map((cohort, place) => ({ ...cohort, place }))),
        ) as RecordedCohort[];
        expect(checkRecorded(stored, file)).toEqual([]);
      }),
    );
  });
});
