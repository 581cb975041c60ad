import { expect, test } from 'vitest';
import { impossibleGates } from '../../src/core/impossible-gates.ts';
import type { SoakPolicy } from '../../src/core/policy.ts';

const POLICY: SoakPolicy = {
  durationMs: 72 * 3_600_000,
  minObservations: 3000,
  maxMismatchRate: 0.001,
  confidence: 0.95,
  maxEvidenceAgeMs: 24 * 3_600_000,
  maxQuarantined: 0,
};
const found = (policy: Partial<SoakPolicy>, unconvertible?: number) =>
  impossibleGates({ ...POLICY, ...policy }, unconvertible);

test('the defaults, and the staff cohort of the example, can pass', () => {
  expect(found({})).toEqual([]);
  expect(found({ minObservations: 50, maxMismatchRate: 0.06 })).toEqual([]);
});

test('a minimum of observations that cannot show the rate is named, with the number that can', () => {
  expect(found({ minObservations: 50 })).toEqual([
    {
      gate: 'mismatch-rate',
      passes: 'later',
      because: 'min_observations 50 < 2995, the fewest that show a rate of 0.001 at confidence 0.95',
      remedy: 'Count on 2995 observations without a mismatch, or raise max_mismatch_rate.',
    },
  ]);
});

test('a minimum of no observations is said to want a write all the same', () => {
  expect(found({ minObservations: 0, maxMismatchRate: 1 })).toMatchObject([
    {
      gate: 'observations',
      passes: 'later',
      because: 'min_observations 0, and it cannot pass without a write',
    },
  ]);
});

test.each<[string, Partial<SoakPolicy>, string]>([
  ['a mismatch rate of 0', { maxMismatchRate: 0 }, 'mismatch-rate'],
  ['a confidence of 1', { confidence: 1 }, 'mismatch-rate'],
  ['evidence that may have no age', { maxEvidenceAgeMs: 0 }, 'evidence-age'],
  ['a duration without end', { durationMs: Number.POSITIVE_INFINITY }, 'duration'],
  ['a minimum without end', { minObservations: Number.POSITIVE_INFINITY }, 'observations'],
  ['fewer than no documents in quarantine', { maxQuarantined: -1 }, 'quarantine'],
])('%s never passes', (_, policy, gate) => {
  expect(found(policy)).toMatchObject([{ gate, passes: 'never' }]);
});

test('documents that cannot convert hold the flip while they are more than the quarantine may have', () => {
  expect(found({ maxQuarantined: 2 }, 2)).toEqual([]);
  expect(found({ maxQuarantined: 2 }, 3)).toMatchObject([
    { gate: 'quarantine', passes: 'never', because: 'unconvertible 3 > 2: they will be held on legacy' },
  ]);
});
