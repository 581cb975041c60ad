import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { GateName } from '../../src/core/gates.ts';
import type { FlagRole, Stage, Verdict } from '../../src/core/model.ts';
import type { Action, Ask, CohortObservation, FlagReading } from '../../src/core/observation.ts';
import { gatesWith, inWords, observed } from './observations.ts';

const DOCUMENTS = 100;
/** More than any way through the stages takes, doing each step once. */
const MOST_STEPS = 20;

/** What an action does to the cohort when it is carried out whole. */
const EFFECTS: {
  readonly [Do in Action['do']]: (
    o: CohortObservation,
    action: Extract<Action, { do: Do }>,
  ) => Partial<CohortObservation>;
} = {
  enter: (_, { to }) => (to === 'dual-writing' ? { stage: to, verified: false } : { stage: to }),
  'set-flag': (o, { role, on }) => ({ flags: { ...o.flags, [role]: on ? 'on' : 'off' } }),
  'confirm-flag': (o, { role }) => ({ flags: { ...o.flags, [role]: 'off' } }),
  backfill: () => ({ backfill: { remaining: 0 }, missing: 0 }),
  'catch-up': () => ({ behind: 0, missing: 0 }),
  verify: () => ({ verified: true }),
  'move-authority': (_, { to }) => ({
    authority: to === 'legacy' ? { legacy: DOCUMENTS, localFirst: 0 } : { legacy: 0, localFirst: DOCUMENTS },
  }),
  'roll-back-first': (o) => ({ standing: { ...o.standing, takenBackFirst: [] } }),
};

function carryOut(o: CohortObservation, action: Action): CohortObservation {
  const effect = EFFECTS[action.do] as (o: CohortObservation, action: Action) => Partial<CohortObservation>;
  return { ...o, ...effect(o, action) };
}

/** Observes, decides and acts until there is nothing more to do; every step has to lead somewhere else. */
function pursue(from: CohortObservation, ask: Ask, mostSteps = MOST_STEPS) {
  const way: string[] = [];
  let o = from;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const decision = decide(o, ask);
    way.push(inWords(decision));
    if (!('action' in decision)) return { o, way };
    const next = carryOut(o, decision.action);
    expect(next, `${way.join(', ')} changed nothing`).not.toEqual(o);
    o = next;
  }
  return { o, way };
}

const planned = observed('planned', {
  backfill: { remaining: DOCUMENTS },
  missing: DOCUMENTS,
  verified: false,
  authority: { legacy: DOCUMENTS, localFirst: 0 },
});

test('forward, back, and forward again takes these steps and no others', () => {
  const started = pursue(planned, 'start');
  expect(started.way).toEqual([
    'enter dual-writing',
    'set-flag dual_write on',
    'enter backfilling',
    'backfill',
    'verify',
    'enter soaking',
    'done',
  ]);
  const flipped = pursue(started.o, 'flip');
  expect(flipped.way).toEqual([
    'enter cutting-over',
    'move-authority local-first',
    'set-flag default on',
    'enter baking',
    'done',
  ]);
  const back = pursue(flipped.o, 'rollback');
  expect(back.way).toEqual([
    'enter rolling-back',
    'move-authority legacy',
    'set-flag default off',
    'set-flag dual_write off',
    'enter rolled-back',
    'done',
  ]);
  const again = pursue(back.o, 'start');
  expect(again.way).toEqual([
    'enter dual-writing',
    'set-flag dual_write on',
    'enter backfilling',
    'verify',
    'enter soaking',
    'done',
  ]);
  const completed = pursue(pursue(again.o, 'flip').o, 'complete');
  expect(completed.way).toEqual(['set-flag dual_write off', 'enter completed', 'done']);
});

test('`run` with approvals goes the whole way by itself', () => {
  const { o, way } = pursue({ ...planned, approval: { flip: 'auto', complete: 'auto' } }, 'advance');
  expect(o.stage).toBe('completed');
  expect(way.at(-1)).toBe('done');
});

// A history: asks that are killed after some steps, and things that happen in between.
type Event = (o: CohortObservation) => CohortObservation;
const verdicts = fc.constantFrom<Verdict>('pass', 'pass', 'fail', 'inconclusive', 'error');
const gateNames = fc.constantFrom<GateName>('coverage', 'duration', 'flag-parity', 'quarantine');
const events: fc.Arbitrary<Event> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<Ask>('start', 'flip', 'complete', 'rollback', 'advance'),
      fc.integer({ min: 1, max: 8 }),
    )
    .map(
      ([ask, steps]): Event =>
        (o) =>
          pursue(o, ask, steps).o,
    ),
  fc.tuple(gateNames, verdicts).map(
    ([gate, verdict]): Event =>
      (o) => ({
        ...o,
        gates: gatesWith({ [gate]: verdict }),
      }),
  ),
  fc.nat(2).map(
    (drift): Event =>
      (o) => ({ ...o, drift }),
  ),
  fc.constant<Event>((o) => ({ ...o, missing: o.missing + 1 })),
  fc.constant<Event>((o) => ({ ...o, authority: { ...o.authority, legacy: o.authority.legacy + 1 } })),
  fc.constantFrom('running', 'paused').map(
    (status): Event =>
      (o) => ({ ...o, status }),
  ),
);
const histories = fc.array(events, { maxLength: 25 });
const live = (history: readonly Event[]): CohortObservation =>
  history.reduce<CohortObservation>((o, event) => event(o), {
    ...planned,
    onFail: 'roll-back',
    approval: { flip: 'auto', complete: 'auto' },
  });

test('however it came to be where it is, a cohort never shows flags its stage does not have', () => {
  const allowed: Record<Stage, readonly string[]> = {
    planned: ['off off'],
    'dual-writing': ['off off', 'on off'],
    backfilling: ['on off'],
    soaking: ['on off'],
    'cutting-over': ['on off', 'on on'],
    baking: ['on on', 'off on'],
    completed: ['off on'],
    'rolling-back': ['on on', 'on off', 'off on', 'off off'],
    'rolled-back': ['off off'],
  };
  fc.assert(
    fc.property(histories, (history) => {
      const { stage, flags } = live(history);
      expect(allowed[stage]).toContain(`${flags.dual_write} ${flags.default}`);
    }),
  );
});

test('from wherever a cohort was left, rollback brings everything back to legacy', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const left = live(history);
      const { o, way } = pursue(left, 'rollback');
      if (left.stage === 'planned' || left.stage === 'completed') {
        expect(way).toEqual(['refuse held']);
        return;
      }
      expect(way.at(-1)).toBe('done');
      expect(o).toMatchObject({
        stage: 'rolled-back',
        flags: { dual_write: 'off', default: 'off' },
        authority: { localFirst: 0 },
      });
    }),
  );
});

test('wherever a controller is killed, asking again arrives where it would have', () => {
  const whole = { start: pursue(planned, 'start').o };
  const flipped = pursue(whole.start, 'flip').o;
  const asks = [
    [planned, 'start'],
    [whole.start, 'flip'],
    [flipped, 'complete'],
    [flipped, 'rollback'],
  ] as const;
  for (const [from, ask] of asks)
    for (let killedAfter = 1; killedAfter < MOST_STEPS; killedAfter += 1)
      expect(pursue(pursue(from, ask, killedAfter).o, ask).o).toEqual(pursue(from, ask).o);
});

test.each<[Ask, Stage, FlagRole]>([
  ['start', 'dual-writing', 'dual_write'],
  ['flip', 'cutting-over', 'default'],
  ['complete', 'baking', 'dual_write'],
  ['rollback', 'rolling-back', 'default'],
])('a %s killed in the middle of its flag write looks first, and arrives', (ask, stage, role) => {
  const flags = { ...observed(stage).flags, [role]: 'unconfirmed' as FlagReading };
  const authority =
    ask === 'rollback' || ask === 'start' ? { legacy: 100, localFirst: 0 } : { legacy: 0, localFirst: 100 };
  const { way } = pursue(observed(stage, { flags, authority }), ask);
  expect(way[0]).toBe('confirm-flag');
  expect(way.at(-1)).toBe('done');
});
