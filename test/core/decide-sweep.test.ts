import { expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { FLAG_ROLES, STAGES } from '../../src/core/model.ts';
import {
  type Action,
  ASKS,
  type Ask,
  type CohortObservation,
  type FlagReading,
} from '../../src/core/observation.ts';
import { TRANSITIONS } from '../../src/core/transitions.ts';
import { gatesWith, inWords, observed, readingsOf } from './observations.ts';

const READINGS: readonly FlagReading[] = ['on', 'off', 'unconfirmed', 'drifted', 'unknown'];
const GATES = [
  gatesWith(),
  gatesWith({ duration: 'inconclusive' }),
  gatesWith({ verification: 'fail' }),
  gatesWith({ coverage: 'error' }),
  gatesWith({ verification: 'fail', duration: 'inconclusive' }),
  [],
];

/** What makes a difference beside the stage: status, verdicts, both flags, policies and the state of the documents. */
const AXES: readonly (readonly Partial<CohortObservation>[])[] = [
  [{ status: 'running' }, { status: 'paused' }],
  GATES.map((gates) => ({ gates })),
  READINGS.flatMap((dual) => READINGS.map((second) => ({ flags: { dual_write: dual, default: second } }))),
  (['manual', 'auto'] as const).map((approve) => ({ approval: { flip: approve, complete: approve } })),
  [{ onFail: 'hold' }, { onFail: 'roll-back' }],
  [{}, { authority: { legacy: 40, localFirst: 60 } }, { missing: 2, drift: 1, verified: false, behind: 1 }],
];
const EVERYTHING: readonly CohortObservation[] = STAGES.flatMap((stage) =>
  AXES.reduce<readonly Partial<CohortObservation>[]>(
    (product, axis) => product.flatMap((some) => axis.map((more) => ({ ...some, ...more }))),
    [{}],
  ).map((changes) => observed(stage, changes)),
);

const isWayBack = ({ stage }: CohortObservation, action: Action): boolean =>
  stage === 'rolling-back' ||
  action.do === 'roll-back-first' ||
  (action.do === 'enter' && action.to === 'rolling-back');
const isForward = (action: Action): boolean =>
  (action.do === 'enter' && (action.to === 'cutting-over' || action.to === 'completed')) ||
  (action.do === 'set-flag' && (action.role === 'default' ? action.on : !action.on)) ||
  (action.do === 'move-authority' && action.to === 'local-first');

/** Hands on every action that is decided, for every ask. */
function sweep(check: (observation: CohortObservation, ask: Ask, action: Action) => void): void {
  for (const observation of EVERYTHING)
    for (const ask of ASKS) {
      const decision = decide(observation, ask);
      if ('action' in decision) check(observation, ask, decision.action);
    }
}

/** expect() is slow in a sweep of this size: it is called for what is wrong only. */
function wrong(because: string, observation: CohortObservation, ask: Ask): never {
  const seen = { ...observation, gates: observation.gates.map(({ gate, verdict }) => `${gate} ${verdict}`) };
  throw new Error(`${because}: ${ask} → ${inWords(decide(observation, ask))} for ${JSON.stringify(seen)}`);
}

test('the sweep covers every stage with every combination', () => {
  expect(EVERYTHING).toHaveLength(9 * 2 * 6 * 25 * 2 * 2 * 3);
});

test('there is always one answer, and it says why', () => {
  for (const observation of EVERYTHING)
    for (const ask of ASKS) {
      const decision = decide(observation, ask);
      const kinds = ['action', 'wait', 'refuse', 'done'].filter((kind) => kind in decision);
      const texts = 'refuse' in decision ? [decision.refuse, decision.remedy] : [decision.because];
      const reasons = 'wait' in decision ? decision.wait : texts;
      if (
        kinds.length !== 1 ||
        reasons.length === 0 ||
        ![...texts, ...reasons].every((text) => /\S/.test(text))
      )
        wrong('no clear answer', observation, ask);
    }
});

test('a stage is entered only by the transition table', () => {
  sweep((observation, ask, action) => {
    if (action.do !== 'enter') return;
    const edge = TRANSITIONS[action.from][action.trigger];
    if (action.from !== observation.stage || !('to' in edge) || edge.to !== action.to)
      wrong('not in the table', observation, ask);
  });
});

test('a settled cohort goes forward only when every gate was judged and passes', () => {
  sweep((observation, ask, action) => {
    if (!isForward(action)) return;
    if (observation.stage !== 'soaking' && observation.stage !== 'baking') return;
    const completing = observation.flags.dual_write === 'off' && action.do === 'enter';
    const onlyBehind = action.do === 'move-authority' && ask === 'advance' && !fails(observation);
    if (observation.gates !== GATES[0] && !completing && !onlyBehind)
      wrong('forward without proof', observation, ask);
  });
});

test('no document and no cohort goes forward while drift stands, but for the last half of a complete', () => {
  sweep((observation, ask, action) => {
    if (!isForward(action) || observation.drift === 0) return;
    if (observation.stage === 'rolling-back') return;
    if (action.do === 'enter' && action.to === 'completed' && observation.flags.dual_write === 'off') return;
    wrong('forward over drift', observation, ask);
  });
});

test('a paused cohort does nothing but go back', () => {
  sweep((observation, ask, action) => {
    if (observation.status === 'paused' && !isWayBack(observation, action))
      wrong('acts while paused', observation, ask);
  });
});

test('a flag in doubt is never written, and holds everything but the way back and a look at it', () => {
  sweep((observation, ask, action) => {
    const { flags } = observation;
    if (action.do === 'set-flag' && !['on', 'off'].includes(flags[action.role]))
      wrong('writes a flag in doubt', observation, ask);
    const doubtful = FLAG_ROLES.some((role) => !['on', 'off'].includes(flags[role]));
    if (doubtful && action.do !== 'confirm-flag' && !isWayBack(observation, action))
      wrong('acts on flags in doubt', observation, ask);
  });
});

test('a flag that is what it should be is not written again', () => {
  sweep((observation, ask, action) => {
    if (action.do === 'set-flag' && observation.flags[action.role] === (action.on ? 'on' : 'off'))
      wrong('writes what is there', observation, ask);
  });
});

test('default follows authority, both ways', () => {
  sweep((observation, ask, action) => {
    if (action.do !== 'set-flag' || action.role !== 'default') return;
    const { legacy, localFirst } = observation.authority;
    if ((action.on ? legacy : localFirst) > 0) wrong('the flag goes first', observation, ask);
  });
});

test('a rollback asks no gate, no status and no policy', () => {
  for (const observation of EVERYTHING) {
    const plain = { ...observation, gates: [], status: 'running', onFail: 'hold' } as const;
    if (inWords(decide(observation, 'rollback')) !== inWords(decide(plain, 'rollback')))
      wrong('a rollback asked first', observation, 'rollback');
  }
});

test('a failing gate takes back a baking cohort where the policy says so, paused or not', () => {
  for (const status of ['running', 'paused'] as const) {
    const failing = { status, gates: gatesWith({ verification: 'fail' }), flags: readingsOf('baking') };
    const goesBack = decide(observed('baking', { ...failing, onFail: 'roll-back' }), 'advance');
    expect(inWords(goesBack)).toBe('enter rolling-back');
    const holds = decide(observed('baking', { ...failing, onFail: 'hold' }), 'advance');
    expect('action' in holds).toBe(false);
  }
});

const fails = ({ gates, drift }: CohortObservation): boolean =>
  drift > 0 || gates.some(({ verdict }) => verdict === 'fail' || verdict === 'error');
