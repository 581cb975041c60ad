import { describe, expect, it } from 'vitest';
import { ROLLOUT_GROUP_ID } from '../../src/core/cohorts.ts';
import {
  type FlagCohort,
  GUARD,
  heldBackBy,
  impliedAnswer,
  isContextField,
  takenBackFirst,
  wantedStrategies,
} from '../../src/core/flag-plan.ts';

const COHORTS: readonly FlagCohort[] = [
  { name: 'staff', definition: { users: ['u-1', 'u-2'] } },
  { name: 'pilot-school', definition: { match: { school: ['lincoln-high'] } } },
  { name: 'tenth', definition: { percent: 10 } },
  { name: 'everyone', definition: { everyone: true } },
];
const on = (...names: string[]) => new Set(names);
const not = (contextName: string, ...values: string[]) => ({
  contextName,
  operator: 'IN',
  values,
  inverted: true,
});

describe('the strategies of a rollout', () => {
  it('is the guard alone while no cohort is on: a zero rollout that nobody is in', () => {
    expect(wantedStrategies(COHORTS, on())).toEqual([GUARD]);
    expect(GUARD).toMatchObject({ rollout: 0, constraints: [] });
  });

  it('says each cohort in one strategy of its name, leaving out the users of every earlier one', () => {
    const [, staff, pilot, tenth, everyone] = wantedStrategies(
      COHORTS,
      on('staff', 'pilot-school', 'tenth', 'everyone'),
    );
    expect(staff).toEqual({
      title: 'dualpath: staff',
      rollout: 100,
      groupId: 'dualpath',
      constraints: [{ contextName: 'userId', operator: 'IN', values: ['u-1', 'u-2'], inverted: false }],
    });
    expect(pilot?.constraints).toEqual([
      { contextName: 'school', operator: 'IN', values: ['lincoln-high'], inverted: false },
      not('userId', 'u-1', 'u-2'),
    ]);
    expect(tenth).toMatchObject({
      rollout: 10,
      constraints: [not('userId', 'u-1', 'u-2'), not('school', 'lincoln-high')],
    });
    expect(everyone).toMatchObject({
      rollout: 100,
      constraints: [not('userId', 'u-1', 'u-2'), not('school', 'lincoln-high')],
    });
  });

  it('uses one group for all, so that the same ten per cent is the same tenth', () => {
    const groups = wantedStrategies(COHORTS, on('staff', 'tenth', 'everyone')).map(({ groupId }) => groupId);
    expect(new Set(groups)).toEqual(new Set([ROLLOUT_GROUP_ID]));
  });

  it('turns a cohort on or off by its own strategy alone', () => {
    const before = wantedStrategies(COHORTS, on('staff', 'tenth'));
    const after = wantedStrategies(COHORTS, on('staff', 'pilot-school', 'tenth'));
    expect(after.filter(({ title }) => title !== 'dualpath: pilot-school')).toEqual(before);
  });

  it('says a value twice listed once, and merges what several earlier cohorts exclude', () => {
    const cohorts: FlagCohort[] = [
      { name: 'a', definition: { users: ['u-1', 'u-1'] } },
      { name: 'b', definition: { users: ['u-1', 'u-2'] } },
      { name: 'c', definition: { everyone: true } },
    ];
    expect(wantedStrategies(cohorts, on('c'))[1]?.constraints).toEqual([not('userId', 'u-1', 'u-2')]);
  });

  it('cuts what it excludes into constraints of 250 values, and refuses a cohort of 251', () => {
    const many = Array.from({ length: 251 }, (_, index) => `u-${index}`);
    const halves: FlagCohort[] = [
      { name: 'a', definition: { users: many.slice(0, 200) } },
      { name: 'b', definition: { users: many.slice(200) } },
      { name: 'c', definition: { everyone: true } },
    ];
    expect(wantedStrategies(halves, on('c'))[1]?.constraints.map(({ values }) => values.length)).toEqual([
      250, 1,
    ]);
    expect(() => wantedStrategies([{ name: 'big', definition: { users: many } }], on('big'))).toThrow(
      expect.objectContaining({
        code: 'too-many-values',
        exitCode: 2,
        remedy: expect.stringContaining('match'),
      }),
    );
  });

  it.each([' u-1', 'u-1 ', ' ', '', 'x'.repeat(101), 'a\0b', '\ud800'])(
    'refuses the value %j, which the SDK would alter or Unleash not take',
    (value) => {
      expect(() => wantedStrategies([{ name: 'a', definition: { users: [value] } }], on('a'))).toThrow(
        expect.objectContaining({ code: 'flag-value', exitCode: 2 }),
      );
    },
  );

  it.each(['userId', 'environment', 'constructor', '__proto__', 'school id', ''])(
    'refuses the attribute %j, which the SDK would look up elsewhere',
    (field) => {
      expect(isContextField(field)).toBe(false);
      const cohort = { name: 'a', definition: { match: Object.fromEntries([[field, ['x']]]) } };
      expect(() => wantedStrategies([cohort], on('a'))).toThrow(
        expect.objectContaining({ code: 'flag-context-field' }),
      );
    },
  );

  it('refuses more cohorts at once than a flag holds strategies', () => {
    const cohorts = Array.from({ length: 30 }, (_, index) => ({
      name: `p${index}`,
      definition: { percent: index },
    }));
    expect(() => wantedStrategies(cohorts, new Set(cohorts.map(({ name }) => name)))).toThrow(
      expect.objectContaining({ code: 'too-many-strategies' }),
    );
  });

  it('refuses a fraction of a per cent, which has no bucket', () => {
    expect(() => wantedStrategies([{ name: 'a', definition: { percent: 2.5 } }], on('a'))).toThrow(
      expect.objectContaining({ code: 'flag-percent' }),
    );
  });
});

describe('a percentage that cannot be excluded', () => {
  it('holds back every later cohort while it is off, and no earlier one', () => {
    expect(heldBackBy(COHORTS, on('staff'), 'everyone')).toEqual(['tenth']);
    expect(heldBackBy(COHORTS, on('tenth'), 'everyone')).toEqual([]);
    expect(heldBackBy(COHORTS, on(), 'pilot-school')).toEqual([]);
    expect(heldBackBy(COHORTS, on(), 'tenth')).toEqual([]);
  });

  it('takes the later ones back before it, the last one first', () => {
    const cohorts = [...COHORTS, { name: 'rest', definition: { everyone: true } as const }];
    expect(takenBackFirst(cohorts, on('tenth', 'everyone', 'rest'), 'tenth')).toEqual(['rest', 'everyone']);
    expect(takenBackFirst(cohorts, on('tenth', 'everyone'), 'staff')).toEqual([]);
  });

  it('names a cohort that does not exist', () => {
    expect(() => heldBackBy(COHORTS, on(), 'nope')).toThrow(
      expect.objectContaining({ code: 'unknown-cohort', exitCode: 2 }),
    );
  });
});

describe('what the SDK must answer', () => {
  const user = (cohort: string | null, bucket = 5) => ({ id: 'u-9', attributes: {}, bucket, cohort });

  it('is whether the cohort of the user is on', () => {
    expect(impliedAnswer(user('everyone'), COHORTS, on('everyone'))).toBe(true);
    expect(impliedAnswer(user('staff'), COHORTS, on('pilot-school', 'everyone'))).toBe(false);
    expect(impliedAnswer(user(null), COHORTS, on('everyone'))).toBe(false);
  });

  it('lets a completed percent cohort be seen through a later one that selects the user too', () => {
    expect(impliedAnswer(user('tenth'), COHORTS, on('everyone'))).toBe(true);
    expect(impliedAnswer(user('tenth'), COHORTS, on('staff'))).toBe(false);
  });

  it('does not let it be seen through a later one that excludes the user', () => {
    const cohorts: FlagCohort[] = [
      { name: 'tenth', definition: { percent: 10 } },
      { name: 'teachers', definition: { match: { role: ['teacher'] } } },
      { name: 'everyone', definition: { everyone: true } },
    ];
    const teacher = { id: 'u-9', attributes: { role: 'teacher' }, bucket: 5, cohort: 'tenth' };
    expect(impliedAnswer(teacher, cohorts, on('everyone'))).toBe(false);
    expect(impliedAnswer(teacher, cohorts, on('teachers'))).toBe(true);
  });
});
