import { type Evidence, flawIn } from './evidence.ts';
import type { Finding } from './finding.ts';
import { RULES } from './gate-rules.ts';
import type { Verdict } from './model.ts';
import type { SoakPolicy } from './policy.ts';

export const GATE_NAMES = [
  'coverage',
  'verification',
  'duration',
  'observations',
  'mismatch-rate',
  'flag-parity',
  'evidence-age',
  'write-errors',
  'latency',
  'quarantine',
  'conflicts-open',
  'bypass-writes',
] as const;
export type GateName = (typeof GATE_NAMES)[number];

/** What the library alone can measure, because it makes the writes. */
const OF_THE_LIBRARY: readonly GateName[] = ['write-errors', 'latency', 'bypass-writes', 'conflicts-open'];

/** The gates that are judged; an application that writes both stores by itself is not held by what nobody can measure. */
export const gatesJudged = (writePath: 'library' | 'own'): readonly GateName[] =>
  writePath === 'library' ? GATE_NAMES : GATE_NAMES.filter((name) => !OF_THE_LIBRARY.includes(name));

/** One rule to leave a stage, judged. Counts and rates are numbers, lengths of time text for people, times ISO 8601. */
export interface Gate {
  readonly gate: GateName;
  readonly verdict: Verdict;
  readonly observed: number | string;
  readonly wanted: number | string;
  /** `<signal> <observed> <op> <wanted>`, for people; nothing parses it. */
  readonly because: string;
  readonly since: string;
  /** When time alone may change the verdict. */
  readonly retryAt?: string;
}

/**
 * Judges what was measured; measures nothing. Every gate gets a verdict: nothing measured is `inconclusive`, and evidence
 * that contradicts itself makes every gate an `error`, for then none of it can be believed.
 */
export function judge(
  evidence: Evidence,
  policy: SoakPolicy,
  now: Date,
  names: readonly GateName[] = GATE_NAMES,
): readonly Gate[] {
  const flaw = flawIn(evidence, now);
  return names.map((gate) =>
    gateOf(gate, flaw ? distrust(flaw) : RULES[gate](evidence, policy, now), evidence.soakSince, now),
  );
}

/** The worst verdict of all; no gates at all are `inconclusive`. */
export function verdictOf(gates: readonly Gate[]): Verdict {
  const worst = WORST_FIRST.find((verdict) => gates.some((gate) => gate.verdict === verdict));
  return worst ?? 'inconclusive';
}

const WORST_FIRST = ['error', 'fail', 'inconclusive', 'pass'] as const satisfies readonly Verdict[];

/**
 * `since` is the moment a gate's verdict was first reached: taken over from the gates of the round before while it stands.
 * Drift knows itself since when it is there: what was found before it and mended is another one.
 */
export function carrySince(gates: readonly Gate[], previous: readonly Gate[]): readonly Gate[] {
  return gates.map((gate) => {
    const before = previous.find((earlier) => earlier.gate === gate.gate);
    const knows = gate.gate === 'verification' && gate.verdict === 'fail';
    return !knows && before?.verdict === gate.verdict ? { ...gate, since: before.since } : gate;
  });
}

/** Gates that judge nothing but what was counted since the clock began. */
const OF_THE_WINDOW: readonly GateName[] = ['mismatch-rate', 'write-errors', 'latency', 'bypass-writes'];

/**
 * A failing round starts the clock again, and what it failed on is no longer counted then. Its failure stands until the
 * next round: whoever asks in between, a bake that is to be rolled back above all, must not take it for nothing measured.
 */
export function keepFailures(gates: readonly Gate[], lastRound: readonly Gate[]): readonly Gate[] {
  return gates.map((gate) => {
    const before = lastRound.find((earlier) => earlier.gate === gate.gate);
    const isForgotten = before?.verdict === 'fail' && gate.verdict !== 'fail' && gate.verdict !== 'error';
    return isForgotten && OF_THE_WINDOW.includes(gate.gate) ? before : gate;
  });
}

/** Has the cohort failed on what the next round would no longer see? */
export const failedItsWindow = (gates: readonly Gate[]): boolean =>
  gates.some(({ gate, verdict }) => verdict === 'fail' && OF_THE_WINDOW.includes(gate));

/** What was never measured has been so since the clock began. */
function gateOf(gate: GateName, finding: Finding, clock: Date | null, now: Date): Gate {
  const { verdict, observed, wanted, because, retryAt } = finding;
  const since = finding.since ?? (verdict === 'inconclusive' ? clock : null);
  return {
    gate,
    verdict,
    observed,
    wanted,
    because,
    since: (since !== null && since < now ? since : now).toISOString(),
    ...(retryAt && !Number.isNaN(retryAt.getTime()) ? { retryAt: retryAt.toISOString() } : {}),
  };
}

const distrust = (flaw: string): Finding => ({
  verdict: 'error',
  observed: 'contradictory evidence',
  wanted: 'evidence that agrees with itself',
  because: flaw,
  since: null,
});
