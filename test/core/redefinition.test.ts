import { describe, expect, test } from 'vitest';
import type { Stage } from '../../src/core/model.ts';
import { differencesOf } from '../../src/core/redefinition.ts';

const NAMES = ['staff', 'pilot', 'rest'];
const definitionOf = (name: string) => ({ users: [name] });
const FILE = NAMES.map((name) => ({ name, definition: definitionOf(name) }));

const recorded = (...stages: readonly Stage[]) =>
  stages
    .map((stage, place) => ({ ...FILE[place], name: NAMES[place] ?? '', place, stage }))
    .map((each) => ({
      ...each,
      definition: definitionOf(each.name),
    }));
const changed = (name: string) =>
  FILE.map((cohort) => (cohort.name === name ? { name, definition: { users: ['somebody else'] } } : cohort));

const outcome = (stages: readonly Stage[], name: string) => {
  const { refused, redefined } = differencesOf(recorded(...stages), changed(name));
  return { refused: refused.map((each) => each.cohort), redefined: redefined.map((each) => each.cohort) };
};

describe('another definition in the file', () => {
  test('of a cohort that is rolled back is taken', () => {
    expect(outcome(['completed', 'rolled-back'], 'pilot')).toEqual({ refused: [], redefined: ['pilot'] });
    expect(outcome(['rolled-back', 'rolled-back', 'planned'], 'staff').redefined).toEqual(['staff']);
  });

  test.each<Stage>([
    'dual-writing',
    'backfilling',
    'soaking',
    'cutting-over',
    'baking',
    'completed',
    'rolling-back',
  ])('is refused for a cohort that is %s, and for a rolled-back one before it', (stage) => {
    expect(outcome(['planned', stage], 'pilot')).toEqual({ refused: ['pilot'], redefined: [] });
    expect(outcome(['rolled-back', stage], 'staff')).toEqual({ refused: ['staff'], redefined: [] });
    expect(outcome(['planned', stage], 'staff')).toEqual({ refused: ['staff'], redefined: [] });
  });

  test('of a cohort that never started is no matter where nothing after it is under way', () => {
    expect(outcome(['soaking', 'planned', 'planned'], 'pilot')).toEqual({ refused: [], redefined: [] });
    expect(outcome(['planned', 'rolled-back'], 'staff')).toEqual({ refused: [], redefined: [] });
  });

  test('says which cohorts are to be rolled back first, or that it is too late', () => {
    const [held] = differencesOf(recorded('rolled-back', 'soaking', 'baking'), changed('staff')).refused;
    expect(held?.remedy).toContain('dualpath rollback pilot rest --reason');
    const [late] = differencesOf(recorded('soaking', 'completed'), changed('staff')).refused;
    expect(late?.remedy).toMatch(/pilot is completed/);
    expect(late?.remedy).not.toContain('rollback');
  });

  test('does not free the name or the place of a cohort that is rolled back', () => {
    const records = recorded('rolled-back');
    expect(differencesOf(records, FILE.slice(1)).refused).toMatchObject([{ kind: 'removed' }]);
    const [staff, pilot] = FILE;
    const swapped = [pilot, staff].flatMap((each) => each ?? []);
    expect(differencesOf(records, swapped).refused).toMatchObject([{ kind: 'place' }]);
  });
});
