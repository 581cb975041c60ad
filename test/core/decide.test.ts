import { describe, expect, test } from 'vitest';
import { decide, waitingFor } from '../../src/core/decide.ts';
import type { Stage } from '../../src/core/model.ts';
import type { Ask, CohortObservation } from '../../src/core/observation.ts';
import { gatesWith, inWords, observed } from './observations.ts';

type Row = readonly [ask: Ask, stage: Stage, changes: Partial<CohortObservation>, decision: string];

const AUTO = { flip: 'auto', complete: 'auto' } as const;
const ON = { dual_write: 'on', default: 'on' } as const;
const OFF = { dual_write: 'off', default: 'off' } as const;
const ONLY_DUAL = { dual_write: 'on', default: 'off' } as const;
const ONLY_DEFAULT = { dual_write: 'off', default: 'on' } as const;
const MOVED = { legacy: 0, localFirst: 100 };
const standing = (changes: Partial<CohortObservation['standing']>): CohortObservation['standing'] => ({
  unsettled: [],
  heldBackBy: { start: [], flip: [], complete: [] },
  takenBackFirst: [],
  ...changes,
});

const decideEach = (rows: readonly Row[]): void => {
  test.each(rows)('%s in %s with %o: %4$s', (ask, stage, changes, decision) => {
    expect(inWords(decide(observed(stage, changes), ask))).toBe(decision);
  });
};

describe('start', () => {
  decideEach([
    ['start', 'planned', {}, 'enter dual-writing'],
    ['start', 'rolled-back', {}, 'enter dual-writing'],
    ['start', 'dual-writing', { flags: OFF }, 'set-flag dual_write on'],
    ['start', 'dual-writing', { flags: { dual_write: 'unconfirmed', default: 'off' } }, 'confirm-flag'],
    ['start', 'dual-writing', {}, 'enter backfilling'],
    ['start', 'backfilling', { backfill: { remaining: 7 }, missing: 7, verified: false }, 'backfill'],
    ['start', 'backfilling', { missing: 1 }, 'backfill'],
    ['start', 'backfilling', { behind: 2, verified: false }, 'catch-up'],
    ['start', 'backfilling', { verified: false }, 'verify'],
    ['start', 'backfilling', {}, 'enter soaking'],
    ['start', 'backfilling', { drift: 3 }, 'enter soaking'],
    ['start', 'soaking', {}, 'done'],
    ['start', 'cutting-over', {}, 'refuse held'],
    ['start', 'baking', {}, 'refuse held'],
    ['start', 'completed', {}, 'refuse held'],
    ['start', 'rolling-back', {}, 'refuse held'],
    ['start', 'planned', { status: 'paused' }, 'refuse held'],
    ['start', 'backfilling', { status: 'paused' }, 'refuse held'],
    ['start', 'planned', { flags: ONLY_DUAL }, 'refuse held'],
    ['start', 'planned', { standing: standing({ unsettled: ['staff'] }) }, 'enter dual-writing'],
    [
      'start',
      'planned',
      { standing: standing({ heldBackBy: { start: ['staff'], flip: [], complete: [] } }) },
      'refuse held',
    ],
  ]);
});

describe('flip', () => {
  decideEach([
    ['flip', 'soaking', {}, 'enter cutting-over'],
    ['flip', 'soaking', { gates: gatesWith({ verification: 'fail' }) }, 'refuse proof'],
    ['flip', 'soaking', { gates: gatesWith({ coverage: 'error' }) }, 'refuse proof'],
    ['flip', 'soaking', { gates: gatesWith({ duration: 'inconclusive' }) }, 'refuse not-yet'],
    ['flip', 'soaking', { gates: [] }, 'refuse not-yet'],
    ['flip', 'soaking', { gates: gatesWith().slice(1) }, 'refuse not-yet'],
    ['flip', 'soaking', { drift: 1 }, 'refuse proof'],
    [
      'flip',
      'soaking',
      { standing: standing({ heldBackBy: { start: [], flip: ['staff'], complete: [] } }) },
      'refuse held',
    ],
    ['flip', 'cutting-over', {}, 'move-authority local-first'],
    ['flip', 'cutting-over', { authority: { legacy: 1, localFirst: 99 } }, 'move-authority local-first'],
    ['flip', 'cutting-over', { missing: 1 }, 'catch-up'],
    ['flip', 'cutting-over', { drift: 1 }, 'refuse proof'],
    ['flip', 'cutting-over', { authority: MOVED }, 'set-flag default on'],
    ['flip', 'cutting-over', { authority: MOVED, flags: ON }, 'enter baking'],
    [
      'flip',
      'cutting-over',
      { authority: MOVED, flags: { dual_write: 'on', default: 'unconfirmed' } },
      'confirm-flag',
    ],
    [
      'flip',
      'cutting-over',
      { authority: { legacy: 1, localFirst: 99 }, flags: ON },
      'move-authority local-first',
    ],
    ['flip', 'cutting-over', { gates: [], authority: MOVED }, 'set-flag default on'],
    [
      'flip',
      'cutting-over',
      { authority: MOVED, standing: standing({ heldBackBy: { start: [], flip: ['staff'], complete: [] } }) },
      'refuse held',
    ],
    ['flip', 'baking', {}, 'done'],
    ['flip', 'planned', {}, 'refuse held'],
    ['flip', 'backfilling', {}, 'refuse held'],
    ['flip', 'rolled-back', {}, 'refuse held'],
  ]);
});

describe('complete', () => {
  decideEach([
    ['complete', 'baking', {}, 'set-flag dual_write off'],
    ['complete', 'baking', { flags: { dual_write: 'unconfirmed', default: 'on' } }, 'confirm-flag'],
    ['complete', 'baking', { flags: ONLY_DEFAULT }, 'enter completed'],
    [
      'complete',
      'baking',
      { flags: ONLY_DEFAULT, gates: gatesWith({ 'flag-parity': 'fail' }) },
      'enter completed',
    ],
    ['complete', 'baking', { gates: gatesWith({ 'flag-parity': 'fail' }) }, 'refuse proof'],
    ['complete', 'baking', { gates: gatesWith({ duration: 'inconclusive' }) }, 'refuse not-yet'],
    ['complete', 'baking', { drift: 1 }, 'refuse proof'],
    ['complete', 'baking', { missing: 1 }, 'catch-up'],
    ['complete', 'baking', { authority: { legacy: 1, localFirst: 99 } }, 'move-authority local-first'],
    [
      'complete',
      'baking',
      { standing: standing({ heldBackBy: { start: [], flip: [], complete: ['staff'] } }) },
      'refuse held',
    ],
    ['complete', 'completed', {}, 'done'],
    ['complete', 'soaking', {}, 'refuse held'],
  ]);
});

describe('rollback', () => {
  decideEach([
    ['rollback', 'planned', {}, 'refuse held'],
    ['rollback', 'completed', {}, 'refuse held'],
    ['rollback', 'rolled-back', {}, 'done'],
    ['rollback', 'dual-writing', {}, 'enter rolling-back'],
    ['rollback', 'backfilling', {}, 'enter rolling-back'],
    ['rollback', 'soaking', {}, 'enter rolling-back'],
    ['rollback', 'cutting-over', {}, 'enter rolling-back'],
    ['rollback', 'baking', {}, 'enter rolling-back'],
    ['rollback', 'baking', { status: 'paused' }, 'enter rolling-back'],
    ['rollback', 'baking', { drift: 9, gates: gatesWith({ verification: 'fail' }) }, 'enter rolling-back'],
    ['rollback', 'baking', { flags: { dual_write: 'unknown', default: 'drifted' } }, 'enter rolling-back'],
    [
      'rollback',
      'baking',
      { standing: standing({ takenBackFirst: ['everyone', 'fifth'] }) },
      'roll-back-first everyone fifth',
    ],
    ['rollback', 'rolling-back', { authority: MOVED, flags: ON }, 'move-authority legacy'],
    [
      'rollback',
      'rolling-back',
      { authority: MOVED, flags: { dual_write: 'on', default: 'drifted' } },
      'move-authority legacy',
    ],
    ['rollback', 'rolling-back', { flags: ON }, 'set-flag default off'],
    ['rollback', 'rolling-back', { flags: { dual_write: 'on', default: 'drifted' } }, 'refuse held'],
    ['rollback', 'rolling-back', { flags: { dual_write: 'unknown', default: 'off' } }, 'refuse held'],
    ['rollback', 'rolling-back', { flags: { dual_write: 'on', default: 'unconfirmed' } }, 'confirm-flag'],
    ['rollback', 'rolling-back', { flags: ONLY_DUAL }, 'set-flag dual_write off'],
    ['rollback', 'rolling-back', { flags: OFF }, 'enter rolled-back'],
    ['rollback', 'rolling-back', { flags: OFF, status: 'paused' }, 'enter rolled-back'],
    [
      'rollback',
      'rolling-back',
      { flags: ON, standing: standing({ takenBackFirst: ['everyone'] }) },
      'roll-back-first everyone',
    ],
  ]);
});

describe('advance, what `run` asks', () => {
  const failing = gatesWith({ 'mismatch-rate': 'fail' });
  const unclear = gatesWith({ 'mismatch-rate': 'inconclusive' });
  decideEach([
    ['advance', 'planned', {}, 'enter dual-writing'],
    ['advance', 'planned', { standing: standing({ unsettled: ['staff'] }) }, 'wait'],
    [
      'advance',
      'planned',
      { standing: standing({ heldBackBy: { start: ['staff'], flip: [], complete: [] } }) },
      'wait',
    ],
    ['advance', 'dual-writing', {}, 'enter backfilling'],
    ['advance', 'backfilling', { verified: false }, 'verify'],
    ['advance', 'soaking', {}, 'wait'],
    ['advance', 'soaking', { approval: AUTO }, 'enter cutting-over'],
    ['advance', 'soaking', { approval: AUTO, gates: unclear }, 'wait'],
    ['advance', 'soaking', { approval: AUTO, gates: [] }, 'wait'],
    ['advance', 'soaking', { approval: AUTO, gates: failing }, 'refuse proof'],
    ['advance', 'soaking', { approval: AUTO, gates: failing, onFail: 'roll-back' }, 'refuse proof'],
    ['advance', 'cutting-over', {}, 'move-authority local-first'],
    ['advance', 'baking', {}, 'wait'],
    ['advance', 'baking', { approval: AUTO }, 'set-flag dual_write off'],
    ['advance', 'baking', { flags: ONLY_DEFAULT }, 'enter completed'],
    ['advance', 'baking', { flags: ONLY_DEFAULT, gates: failing, onFail: 'roll-back' }, 'enter completed'],
    ['advance', 'baking', { flags: ONLY_DEFAULT, status: 'paused' }, 'wait'],
    ['advance', 'baking', { gates: failing }, 'refuse proof'],
    ['advance', 'baking', { gates: failing, onFail: 'roll-back' }, 'enter rolling-back'],
    ['advance', 'baking', { gates: failing, onFail: 'roll-back', status: 'paused' }, 'enter rolling-back'],
    ['advance', 'baking', { gates: gatesWith({ coverage: 'error' }), onFail: 'roll-back' }, 'refuse proof'],
    [
      'advance',
      'baking',
      { gates: failing, onFail: 'roll-back', standing: standing({ takenBackFirst: ['everyone'] }) },
      'roll-back-first everyone',
    ],
    [
      'advance',
      'baking',
      { authority: { legacy: 1, localFirst: 99 }, gates: unclear },
      'move-authority local-first',
    ],
    ['advance', 'baking', { authority: { legacy: 1, localFirst: 99 }, gates: failing }, 'refuse proof'],
    [
      'advance',
      'baking',
      { approval: AUTO, standing: standing({ heldBackBy: { start: [], flip: [], complete: ['staff'] } }) },
      'wait',
    ],
    ['advance', 'completed', {}, 'done'],
    ['advance', 'completed', { missing: 1 }, 'catch-up'],
    ['advance', 'completed', { authority: { legacy: 1, localFirst: 99 } }, 'move-authority local-first'],
    ['advance', 'completed', { drift: 1 }, 'refuse proof'],
    ['advance', 'rolled-back', {}, 'wait'],
    ['advance', 'rolling-back', { flags: OFF }, 'enter rolled-back'],
    ['advance', 'rolling-back', { flags: OFF, status: 'paused' }, 'enter rolled-back'],
    ['advance', 'soaking', { status: 'paused', approval: AUTO }, 'wait'],
    ['advance', 'soaking', { flags: { dual_write: 'drifted', default: 'off' } }, 'refuse held'],
    ['advance', 'soaking', { flags: OFF, approval: AUTO }, 'refuse held'],
    ['advance', 'completed', { flags: { dual_write: 'off', default: 'unknown' } }, 'refuse held'],
  ]);
});

test('a wait names each open gate and the soonest time that may change it', () => {
  const gates = gatesWith({ duration: 'inconclusive', observations: 'inconclusive' }).map((gate) =>
    gate.gate === 'duration' ? { ...gate, retryAt: '2030-01-03T00:00:00.000Z' } : gate,
  );
  const decision = decide(observed('soaking', { gates }), 'advance');
  expect(decision).toMatchObject({ retryAt: '2030-01-03T00:00:00.000Z' });
  expect(waitingFor(decision)).toEqual([
    'duration: signal of duration',
    'observations: signal of observations',
  ]);
});

test('a refused flip gives the gate’s own reason', () => {
  const decision = decide(observed('soaking', { gates: gatesWith({ quarantine: 'fail' }) }), 'flip');
  expect(decision).toMatchObject({ refuse: 'flip of tenth is refused: quarantine: signal of quarantine' });
});

test('what waits for a person says for what', () => {
  expect(waitingFor(decide(observed('soaking'), 'advance'))).toEqual(['approval: flip']);
  expect(waitingFor(decide(observed('completed'), 'advance'))).toEqual([]);
  expect(waitingFor(decide(observed('soaking', { flags: OFF }), 'advance'))).toEqual([
    'flag dual_write of tenth is off, and in stage soaking it is on',
  ]);
});
