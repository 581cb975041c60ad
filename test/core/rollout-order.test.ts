import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Definition, Stage } from '../../src/core/model.ts';
import { type OrderedCohort, rollbackOrder, standingOf } from '../../src/core/rollout-order.ts';
import { flagsOf } from '../../src/core/stages.ts';
import { inWords, observed } from './observations.ts';

const DEFINITIONS: Record<string, Definition> = {
  staff: { users: ['u-1'] },
  pilot: { match: { school: ['lincoln-high'] } },
  tenth: { percent: 10 },
  half: { percent: 50 },
  everyone: { everyone: true },
};

/** The cohorts of the example with a second percent cohort, in rollout order. */
const cohorts = (stages: Partial<Record<string, Stage>>, gatesPass = true): readonly OrderedCohort[] =>
  Object.entries(DEFINITIONS).map(([name, definition]) => ({
    name,
    definition,
    stage: stages[name] ?? 'planned',
    gatesPass,
  }));

describe('what `run` waits for before it starts a cohort', () => {
  test('each earlier one, until it is completed or bakes with all gates passing', () => {
    const all = cohorts({ staff: 'completed', pilot: 'baking', tenth: 'soaking' });
    expect(standingOf(all, 'tenth').unsettled).toEqual([]);
    expect(standingOf(all, 'everyone').unsettled).toEqual(['tenth', 'half']);
  });

  test('one that bakes without passing, or was rolled back, counts as unsettled', () => {
    expect(standingOf(cohorts({ staff: 'baking' }, false), 'pilot').unsettled).toEqual(['staff']);
    expect(standingOf(cohorts({ staff: 'rolled-back' }), 'pilot').unsettled).toEqual(['staff']);
  });
});

describe('a percent cohort', () => {
  test('holds later ones from starting until it dual-writes, and from flipping until its default is on', () => {
    const planned = standingOf(cohorts({}), 'everyone').heldBackBy;
    expect(planned).toEqual({
      start: ['tenth', 'half'],
      flip: ['tenth', 'half'],
      complete: ['tenth', 'half'],
    });
    const soaking = standingOf(cohorts({ tenth: 'soaking', half: 'baking' }), 'everyone').heldBackBy;
    expect(soaking).toEqual({ start: [], flip: ['tenth'], complete: ['tenth', 'half'] });
  });

  test('that is only turning its default on or off holds later flips', () => {
    for (const stage of ['cutting-over', 'rolling-back'] as const)
      expect(standingOf(cohorts({ tenth: stage }), 'half').heldBackBy.flip).toEqual(['tenth']);
  });

  test('once completed holds nothing', () => {
    const { heldBackBy } = standingOf(cohorts({ tenth: 'completed', half: 'completed' }), 'everyone');
    expect(heldBackBy).toEqual({ start: [], flip: [], complete: [] });
  });

  test('goes back after every later one that may have its default on, the last one first', () => {
    const all = cohorts({ staff: 'baking', tenth: 'baking', half: 'rolling-back', everyone: 'cutting-over' });
    expect(standingOf(all, 'tenth').takenBackFirst).toEqual(['everyone', 'half']);
  });

  test('leaves later ones alone that have not flipped', () => {
    const all = cohorts({ tenth: 'baking', half: 'soaking', everyone: 'rolled-back' });
    expect(standingOf(all, 'tenth').takenBackFirst).toEqual([]);
  });
});

test('cohorts by name or attribute hold nothing and take nothing with them', () => {
  const all = cohorts({ staff: 'soaking', pilot: 'baking', tenth: 'baking' });
  expect(standingOf(all, 'pilot').heldBackBy).toEqual({ start: [], flip: [], complete: [] });
  expect(standingOf(all, 'staff').takenBackFirst).toEqual([]);
});

describe('a rollback of several cohorts', () => {
  const baking = cohorts({
    staff: 'baking',
    pilot: 'baking',
    tenth: 'baking',
    half: 'baking',
    everyone: 'baking',
  });

  test('goes from the last to the first', () => {
    expect(rollbackOrder(baking, ['staff', 'everyone', 'pilot'])).toEqual(['everyone', 'pilot', 'staff']);
  });

  test('takes along what a percent cohort has to take, once', () => {
    expect(rollbackOrder(baking, ['tenth', 'everyone'])).toEqual(['everyone', 'half', 'tenth']);
  });
});

test('an unknown cohort is said to be unknown', () => {
  expect(() => standingOf(cohorts({}), 'nobody')).toThrow('There is no cohort "nobody".');
});

test('whatever is asked in whatever order, no later cohort has default on while a percent cohort has it off', () => {
  const names = Object.keys(DEFINITIONS);
  const step = fc.tuple(
    fc.constantFrom(...names),
    fc.constantFrom('start', 'flip', 'complete', 'rollback' as const),
  );
  const entered = /^enter (.*)$/;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const stages: Record<string, Stage> = {};
      const flipped = new Set<string>();
      for (const [name, ask] of steps) {
        const stage = stages[name] ?? 'planned';
        // Everything but the order of cohorts is in order: each step inside a stage has been taken.
        const flags = settledFlags(stage);
        const authority =
          stage === 'cutting-over' ? { legacy: 0, localFirst: 9 } : { legacy: 0, localFirst: 0 };
        const standing = standingOf(cohorts(stages), name);
        const answer = inWords(decide(observed(stage, { standing, flags, authority }), ask));
        const to = entered.exec(answer)?.[1];
        if (to !== undefined) stages[name] = to as Stage;
        if (to === 'cutting-over') flipped.add(name);
        if (to === 'rolled-back') flipped.delete(name);
        else if (answer === 'set-flag dual_write off' && stage === 'baking') stages[name] = 'completed';
        expectNoHole(stages, flipped);
      }
    }),
  );
});

function settledFlags(stage: Stage) {
  if (stage === 'rolling-back') return { dual_write: 'off', default: 'off' } as const;
  if (stage === 'cutting-over') return { dual_write: 'on', default: 'on' } as const;
  const { dual_write, default: byDefault } = flagsOf(stage);
  return {
    dual_write: dual_write === 'on' ? 'on' : 'off',
    default: byDefault === 'on' ? 'on' : 'off',
  } as const;
}

function expectNoHole(stages: Record<string, Stage>, flipped: ReadonlySet<string>): void {
  const names = Object.keys(DEFINITIONS);
  const defaultOf = (name: string) => flagsOf(stages[name] ?? 'planned').default;
  // One that goes back without ever having been flipped has nothing to turn off.
  for (const percent of ['tenth', 'half'])
    for (const later of names.slice(names.indexOf(percent) + 1))
      if (defaultOf(percent) === 'off' && flipped.has(later))
        expect(defaultOf(later), `${later} after ${percent}`).toBe('off');
}
