import { describe, expect, it } from 'vitest';
import { type FlagCohort, type Strategy, wantedStrategies } from '../../src/core/flag-plan.ts';
import { compareFlags, flagsChanged } from '../../src/flags/drift.ts';
import type { FlagChange, FlagObservation } from '../../src/flags/port.ts';
import { strategyChanges, withGuard } from '../../src/flags/strategy-changes.ts';

const COHORTS: readonly FlagCohort[] = [
  { name: 'staff', definition: { users: ['u-1'] } },
  { name: 'everyone', definition: { everyone: true } },
];
const EXPECTED = wantedStrategies(COHORTS, new Set(['staff']));
const BOTH = wantedStrategies(COHORTS, new Set(['staff', 'everyone']));

function observed(
  strategies: readonly Strategy[],
  more: Partial<Omit<FlagObservation, 'strategies'>> = {},
): FlagObservation {
  const own = strategies.map((one, index) => ({ ...one, id: `s${index}` }));
  return { flag: 'f', exists: true, enabled: true, strategies: own, foreign: [], changes: [], ...more };
}

const change = (kind: FlagChange['kind'], more: Partial<FlagChange>): FlagChange => ({
  at: '2026-01-02T03:04:05.000Z',
  by: 'ada',
  what: '',
  kind,
  ...more,
});

describe('what somebody else changed', () => {
  it('is nothing when the flag stands as we confirmed it, in any order of strategies and keys', () => {
    const shuffled = [...EXPECTED].reverse().map(
      ({ title, rollout, groupId, constraints }): Strategy => ({
        constraints: constraints.map(({ inverted, values, operator, contextName }) => ({
          inverted,
          values,
          operator,
          contextName,
        })),
        groupId,
        rollout,
        title,
      }),
    );
    expect(compareFlags(EXPECTED, observed(shuffled))).toEqual([]);
  });

  it('names a strategy of ours that was changed, with who and when', () => {
    const [guard, staff] = EXPECTED;
    const widened = [guard, { ...staff, rollout: 50 }] as Strategy[];
    const changes = [
      change('changed', { strategyId: 's1' }),
      change('added', { strategyId: 's1', by: 'admin' }),
    ];
    expect(compareFlags(EXPECTED, observed(widened, { changes }))).toEqual([
      {
        flag: 'f',
        kind: 'changed',
        what: 'strategy "dualpath: staff"',
        by: 'ada',
        at: '2026-01-02T03:04:05.000Z',
      },
    ]);
  });

  it('names a strategy of ours that was changed even when the write in hand would remove it', () => {
    const [guard, staff] = EXPECTED;
    const widened = [guard, { ...staff, rollout: 50 }] as Strategy[];
    expect(compareFlags(EXPECTED, observed(widened), [guard as Strategy])).toMatchObject([
      { kind: 'changed', what: 'strategy "dualpath: staff"' },
    ]);
  });

  it('names a strategy of ours that was removed', () => {
    const changes = [change('removed', { strategyId: 'gone', title: 'dualpath: staff' })];
    expect(compareFlags(EXPECTED, observed(EXPECTED.slice(0, 1), { changes }))).toMatchObject([
      { kind: 'removed', what: 'strategy "dualpath: staff"', by: 'ada' },
    ]);
  });

  it('names a strategy of somebody else that can change an answer, and passes over one that cannot', () => {
    const foreign = [
      { id: 'x', title: 'beta', what: 'strategy "beta" (flexibleRollout, 5 %)', effective: true },
      { id: 'y', title: 'idle', what: 'strategy "idle" (disabled)', effective: false },
    ];
    expect(compareFlags(EXPECTED, observed(EXPECTED, { foreign }))).toMatchObject([
      { kind: 'added', what: foreign[0]?.what },
    ]);
  });

  it('calls a strategy of ours that somebody disabled changed, not removed', () => {
    const foreign = [
      { id: 's1', title: 'dualpath: staff', what: 'strategy "dualpath: staff" (disabled)', effective: false },
    ];
    expect(compareFlags(EXPECTED, observed(EXPECTED.slice(0, 1), { foreign }))).toMatchObject([
      { kind: 'changed', what: foreign[0]?.what },
    ]);
  });

  it('names a flag that was switched off, and one that is gone', () => {
    const changes = [change('switched-off', {})];
    expect(compareFlags(EXPECTED, observed(EXPECTED, { enabled: false, changes }))).toMatchObject([
      { kind: 'switched-off', by: 'ada' },
    ]);
    expect(compareFlags(EXPECTED, observed([], { exists: false, enabled: false }))).toMatchObject([
      { kind: 'removed', what: 'the flag itself' },
    ]);
  });

  it('does not blame anybody for our own write that was cut short', () => {
    expect(compareFlags(EXPECTED, observed(BOTH), BOTH)).toEqual([]);
    expect(compareFlags(BOTH, observed(BOTH), EXPECTED)).toEqual([]);
    expect(compareFlags(EXPECTED, observed(BOTH))).toMatchObject([{ kind: 'added' }]);
  });

  it('does not count an equal second copy, which our own lost write may have left', () => {
    expect(compareFlags(EXPECTED, observed([...EXPECTED, ...EXPECTED]))).toEqual([]);
  });

  it('becomes a refusal that says what, who and when, with exit code 5', () => {
    const error = flagsChanged([
      { flag: 'f', kind: 'changed', what: 'strategy "dualpath: staff"', by: 'ada', at: 'noon' },
    ]);
    expect(error).toMatchObject({ code: 'flags-changed', exitCode: 5 });
    expect(error.message).toContain('f: changed strategy "dualpath: staff" by ada at noon');
  });
});

describe('the writes from what is there to what is wanted', () => {
  it('are none when nothing differs', () => {
    expect(strategyChanges(observed(EXPECTED).strategies, EXPECTED)).toEqual({ add: [], remove: [] });
  });

  it('add and remove only what differs, and remove second copies', () => {
    const { add, remove } = strategyChanges(observed([...EXPECTED, ...EXPECTED]).strategies, BOTH);
    expect(add.map(({ title }) => title)).toEqual(['dualpath: everyone']);
    expect(remove.map(({ id }) => id)).toEqual(['s2', 's3']);
  });

  it('never leave a flag without its guard', () => {
    expect(withGuard([])).toEqual(EXPECTED.slice(0, 1));
    expect(withGuard(EXPECTED)).toBe(EXPECTED);
  });
});
