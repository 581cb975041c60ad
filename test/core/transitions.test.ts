import { describe, expect, test } from 'vitest';
import { FLAGS_UNDER_WAY } from '../../src/core/flag-trouble.ts';
import { FLAG_ROLES, type FlagRole, STAGES, type Stage } from '../../src/core/model.ts';
import { stageDiagram } from '../../src/core/stage-diagram.ts';
import { flagsOf, TRIGGERS, type Trigger } from '../../src/core/stages.ts';
import { type Move, TRANSITIONS } from '../../src/core/transitions.ts';

type Cell = readonly [to: Stage, flag?: `${FlagRole} ${'on' | 'off'}`] | 'refused';

// Each cell as the contract has it: where the trigger leads and the one flag that changes on the way.
const CONTRACT: Readonly<Record<Stage, Readonly<Record<Trigger, Cell>>>> = {
  planned: {
    start: ['dual-writing', 'dual_write on'],
    confirmed: 'refused',
    flip: 'refused',
    complete: 'refused',
    rollback: 'refused',
  },
  'dual-writing': {
    start: 'refused',
    confirmed: ['backfilling'],
    flip: 'refused',
    complete: 'refused',
    rollback: ['rolling-back'],
  },
  backfilling: {
    start: 'refused',
    confirmed: ['soaking'],
    flip: 'refused',
    complete: 'refused',
    rollback: ['rolling-back'],
  },
  soaking: {
    start: 'refused',
    confirmed: 'refused',
    flip: ['cutting-over', 'default on'],
    complete: 'refused',
    rollback: ['rolling-back'],
  },
  'cutting-over': {
    start: 'refused',
    confirmed: ['baking'],
    flip: 'refused',
    complete: 'refused',
    rollback: ['rolling-back', 'default off'],
  },
  baking: {
    start: 'refused',
    confirmed: 'refused',
    flip: 'refused',
    complete: ['completed', 'dual_write off'],
    rollback: ['rolling-back', 'default off'],
  },
  completed: {
    start: 'refused',
    confirmed: 'refused',
    flip: 'refused',
    complete: 'refused',
    rollback: 'refused',
  },
  'rolling-back': {
    start: 'refused',
    confirmed: ['rolled-back', 'dual_write off'],
    flip: 'refused',
    complete: 'refused',
    rollback: 'refused',
  },
  'rolled-back': {
    start: ['dual-writing', 'dual_write on'],
    confirmed: 'refused',
    flip: 'refused',
    complete: 'refused',
    rollback: 'refused',
  },
};

const cells = STAGES.flatMap((stage) => TRIGGERS.map((trigger) => [stage, trigger] as const));
const moves = cells.flatMap(([from, trigger]) => {
  const edge = TRANSITIONS[from][trigger];
  return 'to' in edge ? [{ from, trigger, ...edge }] : [];
});

describe.each(cells)('%s, %s', (stage, trigger) => {
  test('leads where the contract says, or is refused', () => {
    const edge = TRANSITIONS[stage][trigger];
    const wanted = CONTRACT[stage][trigger];
    if (wanted === 'refused') {
      expect(edge).not.toHaveProperty('to');
      return;
    }
    const [to, flag] = wanted;
    expect(edge).toHaveProperty('to', to);
    expect(flagText(edge as Move)).toBe(flag ?? null);
  });

  test('says why', () => {
    const edge = TRANSITIONS[stage][trigger];
    const texts = 'to' in edge ? [edge.because] : [edge.refused, edge.remedy];
    for (const text of texts) expect(text).toMatch(/\S/);
  });
});

test('a transition changes one flag at most: what else differs was being written already', () => {
  for (const { from, to, flag } of moves)
    for (const role of FLAG_ROLES) {
      const [before, after] = [flagsOf(from)[role], flagsOf(to)[role]];
      if (flag?.role === role || before === after) continue;
      const settles = before === `turning-${after}`;
      const nothingToWrite = after === `turning-${before}`;
      expect(settles || nothingToWrite, `${from} → ${to} changes ${role}`).toBe(true);
    }
});

test('a stage ending in -ing writes the flag of the way in, one ending in -ed waits for the flag of its own', () => {
  for (const stage of STAGES) {
    const written = moves.flatMap(({ from, to, flag }) => {
      const writes = to === stage && !isConfirmed(to);
      const awaited = from === stage && isConfirmed(to);
      return flag && (writes || awaited) ? [flag.role] : [];
    });
    expect(new Set(FLAGS_UNDER_WAY[stage]), stage).toEqual(new Set(written));
  }
});

test('a cohort can be rolled back from every started stage but completed, and started again', () => {
  for (const stage of STAGES) {
    if (stage === 'planned' || stage === 'completed') continue;
    expect(follow(stage, ['rollback', 'confirmed', 'start', 'confirmed', 'confirmed'])).toBe('soaking');
  }
});

test('the forward way is the contract’s lifecycle', () => {
  const way: Trigger[] = ['start', 'confirmed', 'confirmed', 'flip', 'confirmed', 'complete'];
  const stages = way.map((_, index) => follow('planned', way.slice(0, index + 1)));
  expect(stages).toEqual(['dual-writing', 'backfilling', 'soaking', 'cutting-over', 'baking', 'completed']);
});

test('the diagram draws every move and nothing else', () => {
  const node = (stage: string): string => stage.replaceAll('-', '_');
  const arrows = stageDiagram()
    .split('\n')
    .filter((line) => line.includes('-->') && !line.includes('[*]'));
  expect(arrows).toEqual(
    moves.map((move) => {
      const flag = flagText(move);
      const label = flag === null ? move.trigger : `${move.trigger} (${flag})`;
      return `  ${node(move.from)} --> ${node(move.to)}: ${label}`;
    }),
  );
});

const isConfirmed = (stage: Stage): boolean => /ed(-|$)/.test(stage);

const flagText = ({ flag }: Move): string | null => flag && `${flag.role} ${flag.on ? 'on' : 'off'}`;

/** Follows the triggers that lead on; a stage already under way ignores what it is. */
function follow(from: Stage, triggers: readonly Trigger[]): Stage {
  return triggers.reduce<Stage>((stage, trigger) => {
    const edge = TRANSITIONS[stage][trigger];
    return 'to' in edge ? edge.to : stage;
  }, from);
}
