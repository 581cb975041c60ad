import { GATE_NAMES, type Gate, type GateName } from '../../src/core/gates.ts';
import type { FlagRole, Stage, Verdict } from '../../src/core/model.ts';
import type { CohortObservation, Decision, FlagReading } from '../../src/core/observation.ts';
import { flagsOf } from '../../src/core/stages.ts';

const SINCE = '2030-01-01T00:00:00.000Z';

/** All gates passing but the ones named. */
export function gatesWith(verdicts: Partial<Record<GateName, Verdict>> = {}): readonly Gate[] {
  return GATE_NAMES.map((gate) => ({
    gate,
    verdict: verdicts[gate] ?? 'pass',
    observed: 1,
    wanted: 1,
    because: `signal of ${gate}`,
    since: SINCE,
  }));
}

/** The flags of a settled stage; one that is being written reads as not written yet. */
export function readingsOf(stage: Stage): Record<FlagRole, FlagReading> {
  const readingOf = (role: FlagRole): FlagReading => {
    const state = flagsOf(stage)[role];
    if (state === 'turning-on') return 'off';
    return state === 'turning-off' ? 'on' : state;
  };
  return { dual_write: readingOf('dual_write'), default: readingOf('default') };
}

/** A healthy cohort of a hundred documents that has nothing left to do in its stage; alone, approved by hand. */
export function observed(stage: Stage, changes: Partial<CohortObservation> = {}): CohortObservation {
  const onLocalFirst = stage === 'baking' || stage === 'completed';
  return {
    name: 'tenth',
    stage,
    status: 'running',
    standing: { unsettled: [], heldBackBy: { start: [], flip: [], complete: [] }, takenBackFirst: [] },
    approval: { flip: 'manual', complete: 'manual' },
    onFail: 'hold',
    gates: gatesWith(),
    flags: readingsOf(stage),
    backfill: { remaining: 0 },
    missing: 0,
    behind: 0,
    verified: true,
    drift: 0,
    authority: onLocalFirst ? { legacy: 0, localFirst: 100 } : { legacy: 100, localFirst: 0 },
    ...changes,
  };
}

/** A decision in one line, so that tests read as a list: `enter baking`, `set-flag default on`, `refuse held`, `wait`, `done`. */
export function inWords(decision: Decision): string {
  if ('done' in decision) return 'done';
  if ('wait' in decision) return 'wait';
  if ('refuse' in decision) return `refuse ${decision.exitKind}`;
  const { action } = decision;
  switch (action.do) {
    case 'enter':
      return `enter ${action.to}`;
    case 'set-flag':
      return `set-flag ${action.role} ${action.on ? 'on' : 'off'}`;
    case 'move-authority':
      return `move-authority ${action.to}`;
    case 'roll-back-first':
      return `roll-back-first ${action.cohorts.join(' ')}`;
    default:
      return action.do;
  }
}
