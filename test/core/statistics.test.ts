import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOfAtLeast, chanceOfAtMost } from '../../src/core/binomial.ts';
import { lowerBound, observationsNeeded, rateIsAtMost, upperBound } from '../../src/core/statistics.ts';

/** The binomial tail, added up term by term: slow, plain and only for small numbers. */
function addedUp(successes: number, trials: number, rate: number): number {
  let sum = 0;
  for (let k = 0; k <= successes; k += 1) {
    let term = 1;
    for (let i = 1; i <= k; i += 1) term *= ((trials - k + i) / i) * rate;
    sum += term * (1 - rate) ** (trials - k);
  }
  return sum;
}

const counts = fc
  .integer({ min: 1, max: 100_000_000 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
const confidences = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('published values', () => {
  // Two-sided 95 % intervals are one-sided ones at 97.5 %.
  test.each([
    [0, 10, 0.975, 0, 0.308497],
    [1, 10, 0.975, 0.002529, 0.445016],
    [5, 10, 0.975, 0.187086, 0.812914],
    [10, 100, 0.975, 0.049005, 0.176223],
    [0, 100, 0.95, 0, 0.029513],
    [1, 10, 0.95, 0.005116, 0.394163],
    [10, 10, 0.975, 0.691503, 1],
  ])('%i of %i at %d lies between %d and %d', (mismatches, observations, confidence, lower, upper) => {
    expect(lowerBound(mismatches, observations, confidence)).toBeCloseTo(lower, 6);
    expect(upperBound(mismatches, observations, confidence)).toBeCloseTo(upper, 6);
  });

  // The sample sizes of Wilks for 95/95, the one for 95/99, and a zero-failure test plan of 22 for 90/90.
  test.each([
    [0.05, 0.95, 0, 59],
    [0.05, 0.95, 1, 93],
    [0.05, 0.95, 2, 124],
    [0.05, 0.95, 3, 153],
    [0.05, 0.95, 4, 181],
    [0.01, 0.95, 0, 299],
    [0.1, 0.9, 0, 22],
  ])(
    'a rate of %d at %d with %i mismatches takes %i observations',
    (rate, confidence, mismatches, needed) => {
      expect(observationsNeeded(rate, confidence, mismatches)).toBe(needed);
    },
  );

  test('the defaults of cohorts.yaml ask for as many observations as their rate takes', () => {
    expect(observationsNeeded(0.001, 0.95, 0)).toBe(2995);
    expect(observationsNeeded(0.06, 0.95, 0)).toBe(49);
  });

  test('the rule of three', () => {
    expect(upperBound(0, 100_000_000, 0.95)).toBeCloseTo(2.9957e-8, 11);
  });

  // Computed with 40 digits.
  test('a hundred million observations keep nine digits', () => {
    expect(upperBound(1000, 100_000_000, 0.95) / 1.05360283975566e-5).toBeCloseTo(1, 9);
    expect(upperBound(1, 100_000_000, 0.9) / 3.88972011240347e-8).toBeCloseTo(1, 8);
  });
});

test('the tails agree with adding up, for every count up to 30', () => {
  for (let n = 1; n <= 30; n += 1)
    for (let k = 0; k <= n; k += 1)
      for (const rate of [0.001, 0.1, 0.3, 0.5, 0.77, 0.99]) {
        const below = addedUp(k, n, rate);
        expect(Math.abs(chanceOfAtMost(k, n, rate) - below)).toBeLessThan(1e-12);
        expect(Math.abs(chanceOfAtLeast(k + 1, n, rate) - (1 - below))).toBeLessThan(1e-12);
      }
});

test('a bound is where the tail is what the confidence leaves', () => {
  fc.assert(
    fc.property(counts, confidences, ([k, n], confidence) => {
      const upper = upperBound(k, n, confidence);
      const lower = lowerBound(k, n, confidence);
      if (k < n && upper < 0.999999) expect(chanceOfAtMost(k, n, upper) / (1 - confidence)).toBeCloseTo(1, 5);
      if (k > 0 && lower > 1e-12) expect(chanceOfAtLeast(k, n, lower) / (1 - confidence)).toBeCloseTo(1, 5);
    }),
  );
});

test('bounds are rates, and for a confidence above one half they enclose what was seen', () => {
  fc.assert(
    fc.property(counts, fc.double({ min: 0.51, max: 0.9999999, noNaN: true }), ([k, n], confidence) => {
      const lower = lowerBound(k, n, confidence);
      const upper = upperBound(k, n, confidence);
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(lower).toBeLessThanOrEqual(k / n);
      expect(upper).toBeGreaterThanOrEqual(k / n);
      expect(upper).toBeLessThanOrEqual(1);
    }),
  );
});

test('more mismatches and more confidence raise the upper bound, more observations lower it', () => {
  const smaller = fc
    .integer({ min: 1, max: 1_000_000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.constant(n)));
  fc.assert(
    fc.property(smaller, fc.double({ min: 0.01, max: 0.98, noNaN: true }), ([k, n], confidence) => {
      const bound = upperBound(k, n, confidence);
      expect(upperBound(k + 1, n, confidence)).toBeGreaterThan(bound);
      expect(upperBound(k, n + 1, confidence)).toBeLessThan(bound);
      expect(upperBound(k, n, confidence + 0.01)).toBeGreaterThan(bound);
    }),
  );
});

test('the last observation that is needed is the one that proves the rate', () => {
  const rates = fc.double({ min: 1e-6, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(rates, confidences, fc.integer({ min: 0, max: 200 }), (rate, confidence, mismatches) => {
      const needed = observationsNeeded(rate, confidence, mismatches);
      expect(rateIsAtMost(rate, mismatches, needed, confidence)).toBe(true);
      if (needed > mismatches) expect(rateIsAtMost(rate, mismatches, needed - 1, confidence)).toBe(false);
    }),
  );
});

test('no number of observations shows a rate of 0, and none is needed for a rate of 1', () => {
  expect(observationsNeeded(0, 0.95, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(rateIsAtMost(0, 0, 1_000_000, 0.95)).toBe(false);
  expect(observationsNeeded(1, 0.95, 3)).toBe(3);
});

test('without observations any rate is believable', () => {
  expect(upperBound(0, 0, 0.95)).toBe(1);
  expect(lowerBound(0, 0, 0.95)).toBe(0);
});

test.each([
  [-1, 10, 0.95],
  [11, 10, 0.95],
  [1.5, 10, 0.95],
  [Number.NaN, 10, 0.95],
  [1, 10, 0],
  [1, 10, 1],
  [1, 10, Number.NaN],
])('%d of %d at %d is no proportion', (mismatches, observations, confidence) => {
  expect(() => upperBound(mismatches, observations, confidence)).toThrow(RangeError);
  expect(() => lowerBound(mismatches, observations, confidence)).toThrow(RangeError);
});
