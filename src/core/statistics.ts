import { chanceOfAtLeast, chanceOfAtMost } from './binomial.ts';

/**
 * Exact one-sided bounds of a proportion (Clopper and Pearson, Biometrika 26, 1934): the true rate lies beyond a bound
 * with a chance of at most 1 − confidence, whatever that rate is. Sound for up to 1e8 observations.
 */

/** The highest rate that `mismatches` of `observations` leave believable at `confidence` (between 0 and 1); 1 for none. */
export function upperBound(mismatches: number, observations: number, confidence: number): number {
  assertCounts(mismatches, observations);
  assertConfidence(confidence);
  if (mismatches === observations) return 1;
  if (mismatches === 0) return -Math.expm1(Math.log1p(-confidence) / observations);
  return boundary((rate) => chanceOfAtMost(mismatches, observations, rate) > 1 - confidence).above;
}

/** The lowest rate that `mismatches` of `observations` leave believable at `confidence` (between 0 and 1); 0 for none. */
export function lowerBound(mismatches: number, observations: number, confidence: number): number {
  assertCounts(mismatches, observations);
  assertConfidence(confidence);
  if (mismatches === 0) return 0;
  if (mismatches === observations) return Math.exp(Math.log1p(-confidence) / observations);
  return boundary((rate) => chanceOfAtLeast(mismatches, observations, rate) <= 1 - confidence).below;
}

/**
 * Whether `upperBound` is at most `maxRate`, asked without computing the bound: it agrees with `observationsNeeded` to
 * the last observation, where comparing two rounded rates would not.
 */
export function rateIsAtMost(
  maxRate: number,
  mismatches: number,
  observations: number,
  confidence: number,
): boolean {
  assertCounts(mismatches, observations);
  assertConfidence(confidence);
  if (maxRate >= 1) return true;
  if (!(maxRate > 0) || mismatches === observations) return false;
  return chanceOfAtMost(mismatches, observations, maxRate) <= 1 - confidence;
}

/**
 * How many observations show a rate of at most `maxRate` at `confidence` if `mismatches` of them differ;
 * Infinity for a `maxRate` of 0, which no number of observations can show.
 */
export function observationsNeeded(maxRate: number, confidence: number, mismatches: number): number {
  assertCounts(mismatches, mismatches);
  assertConfidence(confidence);
  if (maxRate >= 1) return mismatches;
  if (!(maxRate > 0)) return Number.POSITIVE_INFINITY;
  const shows = (observations: number): boolean =>
    rateIsAtMost(maxRate, mismatches, observations, confidence);
  let enough = mismatches + 1;
  while (!shows(enough)) {
    enough *= 2;
    if (enough > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  }
  let tooFew = mismatches;
  while (enough - tooFew > 1) {
    const middle = Math.floor(tooFew + (enough - tooFew) / 2);
    if (shows(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** Where a predicate that holds at rate 0 and not at rate 1 stops holding, enclosed as tightly as doubles allow. */
function boundary(holds: (rate: number) => boolean): { readonly below: number; readonly above: number } {
  let below = 0;
  let above = 1;
  while (true) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above || above - below <= above * RELATIVE_WIDTH)
      return { below, above };
    if (holds(middle)) below = middle;
    else above = middle;
  }
}

/** Narrower than the tail probabilities are exact; the enclosing side is returned, so a bound is never too kind. */
const RELATIVE_WIDTH = 1e-14;

function assertCounts(mismatches: number, observations: number): void {
  const sound =
    Number.isSafeInteger(mismatches) &&
    Number.isSafeInteger(observations) &&
    mismatches >= 0 &&
    mismatches <= observations;
  if (!sound) throw new RangeError(`no proportion: ${mismatches} of ${observations}`);
}

function assertConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`no confidence between 0 and 1: ${confidence}`);
}
