import { type Evidence, flawIn } from './evidence.ts';
import { type Finding, RULES } from './gate-rules.ts';
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
  'quarantine',
] as const;
export type GateName = (typeof GATE_NAMES)[number];

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
export function judge(evidence: Evidence, policy: SoakPolicy, now: Date): readonly Gate[] {
  const flaw = flawIn(evidence, now);
  return GATE_NAMES.map((gate) =>
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
