import { formatDuration } from './duration.ts';
import type { GateName } from './gates.ts';
import type { SoakPolicy } from './policy.ts';
import { observationsNeeded } from './statistics.ts';

/** A gate that its own policy keeps from passing: `never`, or `later` than the policy makes believe. */
export interface ImpossibleGate {
  readonly gate: GateName;
  readonly passes: 'never' | 'later';
  readonly because: string;
  readonly remedy: string;
}

/** What `plan` says about a policy before anyone waits for it; `unconvertible` documents will go into quarantine. */
export function impossibleGates(policy: SoakPolicy, unconvertible = 0): readonly ImpossibleGate[] {
  return [
    ...endless(policy),
    ...unwritten(policy),
    ...unprovable(policy),
    ...instantlyStale(policy),
    ...crowded(policy, unconvertible),
  ];
}

function endless({ durationMs, minObservations }: SoakPolicy): readonly ImpossibleGate[] {
  return [
    ...(Number.isFinite(durationMs)
      ? []
      : [never('duration', `duration ${durationMs} has no end`, 'Set a duration such as 72h.')]),
    ...(Number.isFinite(minObservations)
      ? []
      : [never('observations', `min_observations ${minObservations} has no end`, 'Set a whole number.')]),
  ];
}

/** A revision that nobody writes is none to be compared, whatever the minimum. */
function unwritten({ minObservations }: SoakPolicy): readonly ImpossibleGate[] {
  if (!(minObservations < 1)) return [];
  return [
    {
      gate: 'observations',
      passes: 'later',
      because: `min_observations ${minObservations}, and it cannot pass without a write`,
      remedy: 'Have at least one document of the cohort written while it is judged.',
    },
  ];
}

/** The upper bound of n observations without a mismatch is 1 − (1 − confidence)^(1/n): never 0, and slow to fall. */
function unprovable(policy: SoakPolicy): readonly ImpossibleGate[] {
  const { maxMismatchRate, minObservations, confidence } = policy;
  if (!(confidence > 0 && confidence < 1))
    return [
      never(
        'mismatch-rate',
        `confidence ${confidence} is not between 0 and 1`,
        'Set a confidence such as 0.95.',
      ),
    ];
  const needed = observationsNeeded(maxMismatchRate, confidence, 0);
  if (!Number.isFinite(needed))
    return [
      never(
        'mismatch-rate',
        `max_mismatch_rate ${maxMismatchRate}: no number of observations shows a rate of 0`,
        'Set the highest rate that you accept as proof, such as 0.001.',
      ),
    ];
  if (!(minObservations < needed)) return [];
  return [
    {
      gate: 'mismatch-rate',
      passes: 'later',
      because: `min_observations ${minObservations} < ${needed}, the fewest that show a rate of ${maxMismatchRate} at confidence ${confidence}`,
      remedy: `Count on ${needed} observations without a mismatch, or raise max_mismatch_rate.`,
    },
  ];
}

/** Nothing shows a round at the very moment it ends, so evidence always has some age. */
function instantlyStale({ maxEvidenceAgeMs }: SoakPolicy): readonly ImpossibleGate[] {
  if (maxEvidenceAgeMs > 0) return [];
  const age = formatDuration(maxEvidenceAgeMs);
  return [
    never(
      'evidence-age',
      `max_evidence_age ${age}: every round is older than that when it is judged`,
      'Set max_evidence_age to more than the time between two rounds.',
    ),
  ];
}

function crowded({ maxQuarantined }: SoakPolicy, unconvertible: number): readonly ImpossibleGate[] {
  if (unconvertible <= maxQuarantined) return [];
  return [
    never(
      'quarantine',
      `unconvertible ${unconvertible} > ${maxQuarantined}: they will be held on legacy`,
      `Mend their content, or set max_quarantined to ${unconvertible}.`,
    ),
  ];
}

const never = (gate: GateName, because: string, remedy: string): ImpossibleGate => ({
  gate,
  passes: 'never',
  because,
  remedy,
});
