import { describe, expect, it } from 'vitest';
import { type Condition, conditionsOf, type Seen } from '../../src/core/conditions.ts';
import { STAGES, type Stage } from '../../src/core/model.ts';
import type { CohortObservation } from '../../src/core/observation.ts';
import { observed } from './observations.ts';

const SEEN: Seen = {
  stageSince: new Date('2030-01-02T00:00:00Z'),
  pausedSince: null,
  doubts: { dual_write: [], default: [] },
};

const of = (
  stage: Stage,
  changes: Partial<CohortObservation> = {},
  seen: Partial<Seen> = {},
): readonly Condition[] => conditionsOf(observed(stage, changes), { ...SEEN, ...seen });

describe('what keeps a cohort besides its gates', () => {
  it.each<[string, Stage, Partial<CohortObservation>, readonly [string, string]]>([
    ['a start', 'planned', {}, ['start', '`dualpath start tenth`, or `dualpath run`']],
    ['a start again', 'rolled-back', {}, ['start', '`dualpath start tenth`']],
    ['an approval of the flip', 'soaking', {}, ['approval', '`dualpath flip tenth`, once every gate passes']],
    [
      'an approval to complete',
      'baking',
      {},
      ['approval', '`dualpath complete tenth --reason "why" --yes`, once every gate passes'],
    ],
    [
      'a run, where that is approval enough',
      'soaking',
      { approval: { flip: 'auto', complete: 'auto' } },
      ['run', '`dualpath run`, once every gate passes'],
    ],
    [
      'a start that was interrupted',
      'backfilling',
      {},
      ['unfinished', '`dualpath start tenth`, which goes on where it stopped'],
    ],
    [
      'a cutover that was interrupted',
      'cutting-over',
      {},
      ['unfinished', '`dualpath flip tenth`, which goes on where it stopped'],
    ],
    [
      'a rollback that was interrupted',
      'rolling-back',
      {},
      ['unfinished', '`dualpath rollback tenth --reason "why"`, which goes on where it stopped'],
    ],
  ])('%s is named, with the command that clears it', (_, stage, changes, [condition, clears]) => {
    expect(of(stage, changes)).toEqual([
      expect.objectContaining({ condition, clears, since: '2030-01-02T00:00:00.000Z' }),
    ]);
  });

  it('is nothing once it is completed', () => {
    expect(of('completed')).toEqual([]);
  });

  it('is the approval too while gates are open: it was not given', () => {
    const [approval] = of('soaking', { gates: [] });
    expect(approval).toMatchObject({ condition: 'approval', observed: 'not given', wanted: 'flip' });
  });

  it('is each thing by itself: a pause, a flag that somebody changed, and the approval', () => {
    const found = of(
      'soaking',
      { status: 'paused', flags: { dual_write: 'drifted', default: 'off' } },
      {
        pausedSince: new Date('2030-01-04T00:00:00Z'),
        doubts: {
          dual_write: [
            { because: 'local-first.dual-write: changed by bob', since: '2030-01-03T00:00:00.000Z' },
          ],
          default: [],
        },
      },
    );
    expect(found).toEqual([
      expect.objectContaining({
        condition: 'running',
        since: '2030-01-04T00:00:00.000Z',
        clears: '`dualpath resume tenth`',
      }),
      expect.objectContaining({
        condition: 'flags',
        because: 'local-first.dual-write: changed by bob',
        since: '2030-01-03T00:00:00.000Z',
        clears: expect.stringContaining('putting the flag back'),
      }),
      expect.objectContaining({ condition: 'approval' }),
    ]);
  });

  it('is a flag that cannot be seen, with what the one who looked says to do', () => {
    const doubts = {
      dual_write: [{ because: 'The flag server is down.', since: null, clears: 'Start it.' }],
      default: [],
    };
    const [flags] = of('soaking', { flags: { dual_write: 'unknown', default: 'off' } }, { doubts });
    expect(flags).toMatchObject({ because: 'The flag server is down.', clears: 'Start it.' });
  });

  it('is a confirmed flag that the stage does not imply: only the way back mends it', () => {
    const [flags] = of('soaking', { flags: { dual_write: 'off', default: 'off' } });
    expect(flags).toMatchObject({
      condition: 'flags',
      observed: 'off',
      clears: '`dualpath rollback tenth --reason "why"`',
    });
  });

  it('is drift that stopped a cutover', () => {
    expect(of('cutting-over', { drift: 3 })[0]).toMatchObject({
      condition: 'drift',
      observed: '3',
      clears: expect.stringContaining('`dualpath verify tenth --repair`'),
    });
  });

  it('is an earlier percentage that is not as far', () => {
    const standing = {
      unsettled: ['twentieth'],
      heldBackBy: { start: ['twentieth'], flip: [], complete: [] },
      takenBackFirst: [],
    };
    const [held, start] = of('planned', { standing });
    expect(held).toMatchObject({
      condition: 'earlier-cohort',
      clears: expect.stringContaining('dualpath why twentieth'),
    });
    expect(start?.clears).toContain('waits for twentieth to be completed');
  });

  it.each(STAGES.filter((stage) => stage !== 'completed'))('is never nothing in %s', (stage) => {
    for (const condition of of(stage)) {
      expect(condition.clears).toMatch(/\S.{8,}[^.]$/);
      expect(condition.because).not.toBe('');
    }
    expect(of(stage)).not.toEqual([]);
  });
});
