/** The chance of at most `successes` in `trials` at `rate` each. */
export function chanceOfAtMost(successes: number, trials: number, rate: number): number {
  if (successes >= trials) return 1;
  return successes < 0 ? 0 : regularisedBeta(1 - rate, rate, trials - successes, successes + 1);
}

/** The chance of at least `successes` in `trials` at `rate` each. */
export function chanceOfAtLeast(successes: number, trials: number, rate: number): number {
  if (successes <= 0) return 1;
  return successes > trials ? 0 : regularisedBeta(rate, 1 - rate, successes, trials - successes + 1);
}

/**
 * The regularised incomplete beta function I_x(a, b) for whole a, b ≥ 1 (NIST DLMF 8.17.22): a continued fraction, on
 * the side where it converges within some √max(a, b) steps. `y` is 1 − x, given apart so that neither loses digits.
 */
function regularisedBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x * (a + b + 2) >= a + 1) return 1 - regularisedBetaDirect(y, x, b, a);
  return regularisedBetaDirect(x, y, a, b);
}

function regularisedBetaDirect(x: number, y: number, a: number, b: number): number {
  // x^a y^b / (a B(a, b)), written as a probability: gamma functions of 1e8 would leave six good digits of it.
  const front = (probabilityOf(a - 1, a + b - 1, x, y) * x * b) / a;
  return front === 0 ? 0 : Math.min(1, front * continuedFraction(x, a, b));
}

/** Modified Lentz (Thompson and Barnett, J. Comput. Phys. 64, 1986). */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MOST_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) <= Number.EPSILON) return value;
  }
  throw new RangeError(`the incomplete beta function does not converge at x = ${x}, a = ${a}, b = ${b}`);
}

/** Ten times what 1e10 trials take near their mean, where it is slowest; 1e8 take 2,000. */
const MOST_STEPS = 100_000;

const away = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);

/**
 * The chance of exactly `successes` in `trials` at `rate`, to full precision for any size: the saddle-point expansion
 * of C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000). `miss` is 1 − rate.
 */
function probabilityOf(successes: number, trials: number, rate: number, miss: number): number {
  const misses = trials - successes;
  if (successes === 0) return Math.exp(trials * logOf(miss, rate));
  if (misses === 0) return Math.exp(trials * logOf(rate, miss));
  const exponent =
    stirlingError(trials) -
    stirlingError(successes) -
    stirlingError(misses) -
    deviance(successes, trials * rate) -
    deviance(misses, trials * miss);
  return Math.exp(exponent) * Math.sqrt(trials / (2 * Math.PI * successes * misses));
}

const logOf = (value: number, complement: number): number =>
  value > 0.5 ? Math.log1p(-complement) : Math.log(value);

/** log n! minus Stirling's formula for it. */
function stirlingError(n: number): number {
  if (n > 15) {
    const square = n * n;
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
  }
  let factorial = 1;
  for (let i = 2; i <= n; i += 1) factorial *= i;
  return Math.log(factorial) - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
}

/** observed · log(observed / expected) + expected − observed, without the cancellation where the two are close. */
function deviance(observed: number, expected: number): number {
  const difference = observed - expected;
  if (Math.abs(difference) >= 0.1 * (observed + expected))
    return observed * Math.log(observed / expected) - difference;
  const ratio = difference / (observed + expected);
  let sum = difference * ratio;
  let term = 2 * observed * ratio;
  for (let j = 1; ; j += 1) {
    term *= ratio * ratio;
    const next = sum + term / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
}
