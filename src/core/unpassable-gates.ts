import type { SoakPolicy } from './policy.ts';
import { observationsNeeded } from './statistics.ts';

/** A gate that, as configured, cannot pass yet or ever, whatever is measured. */
export interface UnpassableGate {
  readonly gate: 'mismatch-rate' | 'quarantine';
  readonly because: string;
  readonly remedy: string;
}

/**
 * Gates of a soak or bake that cannot pass as configured. `expected.unconvertible` is how many documents of the cohort
 * `plan` found that will be quarantined.
 */
export function unpassableGates(
  policy: SoakPolicy,
  expected: { readonly unconvertible?: number } = {},
): readonly UnpassableGate[] {
  return [...mismatchRate(policy), ...quarantine(policy, expected.unconvertible ?? 0)];
}

function mismatchRate(policy: SoakPolicy): UnpassableGate[] {
  const { maxMismatchRate, confidence, minObservations } = policy;
  const needed = observationsNeeded(maxMismatchRate, confidence, 0);
  if (needed <= minObservations) return [];
  if (needed === Number.POSITIVE_INFINITY)
    return [
      {
        gate: 'mismatch-rate',
        because: `no number of observations can show a mismatch rate of ${maxMismatchRate}`,
        remedy: 'set max_mismatch_rate above 0, such as 0.001',
      },
    ];
  return [
    {
      gate: 'mismatch-rate',
      because:
        `${minObservations} observations without one mismatch cannot show a rate of at most ${maxMismatchRate} ` +
        `at confidence ${confidence}: that takes ${needed}`,
      remedy: `raise min_observations to ${needed}, or raise max_mismatch_rate`,
    },
  ];
}

function quarantine({ maxQuarantined }: SoakPolicy, unconvertible: number): UnpassableGate[] {
  if (unconvertible <= maxQuarantined) return [];
  return [
    {
      gate: 'quarantine',
      because: `${unconvertible} documents cannot be converted and will be held on legacy, and max_quarantined is ${maxQuarantined}`,
      remedy: `mend their content, or set max_quarantined to ${unconvertible}`,
    },
  ];
}
