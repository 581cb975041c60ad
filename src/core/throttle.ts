/** What one look at the database's load found. `null`: this role may not see it. Milliseconds and counts. */
export interface LoadSample {
  /** What the server itself took for a small fixed statement: no network, and none of our own event loop. */
  readonly answerMs: number;
  /** Statements that sessions other than dualpath's are running. */
  readonly active: number | null;
  /** Sessions other than dualpath's that wait for a lock. */
  readonly waiting: number | null;
  /** Replay lag of the slowest replica; 0 without replicas. */
  readonly lagMs: number | null;
  /** max_connections: what whoever runs the server thinks that it can carry. */
  readonly connections: number;
}

/** `rate` is the share of full speed, 0 < rate ≤ 1; `because` is null exactly at full speed. */
export interface Throttle {
  readonly rate: number;
  readonly because: string | null;
  /** The quickest answer seen: what is normal here differs between a laptop and a cluster. */
  readonly quickestMs: number | null;
}

export const FULL_SPEED: Throttle = { rate: 1, because: null, quickestMs: null };

/** A backfill that stops entirely never finishes; at a sixteenth it is lost in the noise of any application. */
const SLOWEST = 1 / 16;
/** Eight seconds from the slowest back to full speed at two looks a second: slower than a load that comes in waves. */
const RECOVERY = 1 / 16;
/** Blind, a quarter: a production database that hides its load is finished tomorrow instead of harmed today. */
const BLIND = 1 / 4;

/** An answer is late at eight times the quickest, within these: a scheduler slice or two, and what a person notices. */
const LATE_MS = { least: 25, most: 250, times: 8 } as const;
/**
 * Others may run this many statements, or a tenth of max_connections. Absolute, not against what was seen first: a
 * backfill that is started into an overload must not take it for normal.
 */
const ACTIVE = 8;
/** More sessions than this waiting for a lock is where a convoy starts. */
const WAITING = 2;
/** A replica that is later than this serves readers stale pages; the backfill writes most of what it replays. */
const LAG_MS = 10_000;

/**
 * The next decision from the last one and a new look: additive increase, multiplicative decrease (Jacobson 1988), which
 * several uncoordinated workers need to share what is left of a database. A look that failed (`null`) slows down too.
 */
export function throttle(last: Throttle, sample: LoadSample | null): Throttle {
  if (!sample) return slower(last, 'database load unseen > seen', last.quickestMs);
  const quickestMs = Math.min(last.quickestMs ?? sample.answerMs, sample.answerMs);
  const over = firstOver(sample, quickestMs);
  if (over) return slower(last, over, quickestMs);
  const hidden = firstHidden(sample);
  const rate = Math.min(hidden ? BLIND : 1, last.rate + RECOVERY);
  return { rate, because: rate === 1 ? null : (hidden ?? last.because), quickestMs };
}

const slower = (last: Throttle, because: string, quickestMs: number | null): Throttle => ({
  rate: Math.max(SLOWEST, last.rate / 2),
  because,
  quickestMs,
});

function firstOver(sample: LoadSample, quickestMs: number): string | null {
  const late = Math.min(LATE_MS.most, Math.max(LATE_MS.least, LATE_MS.times * quickestMs));
  const signals: readonly (readonly [name: string, observed: number | null, wanted: number])[] = [
    ['waiting sessions', sample.waiting, WAITING],
    ['active statements', sample.active, Math.max(ACTIVE, Math.floor(sample.connections / 10))],
    ['answer ms', sample.answerMs, late],
    ['replica lag ms', sample.lagMs, LAG_MS],
  ];
  for (const [name, observed, wanted] of signals) {
    if (observed !== null && observed > wanted)
      return `${name} ${Math.ceil(observed)} > ${Math.round(wanted)}`;
  }
  return null;
}

function firstHidden(sample: LoadSample): string | null {
  if (sample.active === null || sample.waiting === null) return 'sessions unseen > 0 (grant pg_monitor)';
  if (sample.lagMs === null) return 'replicas unseen > 0 (grant pg_monitor)';
  return null;
}

/** A longer rest would be deaf to a database that has calmed down. */
const LONGEST_REST_MS = 5_000;

/** How long to rest after work of `workedMs` so that the share of time spent working is `rate`. */
export function restMs(rate: number, workedMs: number): number {
  return Math.min(LONGEST_REST_MS, workedMs * (1 / rate - 1));
}
