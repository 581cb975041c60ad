/**
 * What was measured of one cohort, for the gates to judge. `null` is "not measured" and never reads as a good value.
 * Documents in quarantine count in `quarantined` only. Times are the database's.
 */
export interface Evidence {
  /** Documents that should be in the local-first store. */
  readonly documents: number | null;
  /** Of those that existed when the measuring round began: how many have no local-first row, by set difference. */
  readonly coverage: { readonly missing: number; readonly at: Date } | null;
  /** Documents whose two sides differ at settled revisions now; a repair that compared clean is out of it. */
  readonly drift: number | null;
  /** When the oldest of it was found; null where there is none. */
  readonly driftSince: Date | null;
  /** Documents without a current proof. Shown, not judged: the cutover compares each of them again before it moves. */
  readonly unproven: number | null;
  /** The last full comparison that finished since the cohort was started this time. */
  readonly verification: { readonly finishedAt: Date; readonly compared: number } | null;
  /** The clock of this soak or bake: its beginning or its last failing round. */
  readonly soakSince: Date | null;
  /** Pauses since then, one that still lasts included, in milliseconds. */
  readonly pausedMs: number;
  /** Since then. */
  readonly observations: number | null;
  readonly mismatches: number | null;
  /** Users whose flags the SDK was asked for, and for how many it did not answer what the stages imply. */
  readonly parity: { readonly checked: number; readonly wrong: number; readonly at: Date } | null;
  readonly newestRoundAt: Date | null;
  readonly quarantined: number | null;
  /** Writes through the library since the clock began. */
  readonly writes: Writes | null;
  readonly latency: Latency | null;
  /** Plain writes that were found in rows since then, by whether what they replaced is certain. */
  readonly bypass: { readonly certain: number; readonly doubtful: number } | null;
  /** Merges of any time that a person should look at, and nobody has resolved. */
  readonly openConflicts: number | null;
}

/** Saves and pushes that changed both stores, or failed in one of them: those are in `total`, too. */
export interface Writes {
  readonly total: number;
  readonly failed: number;
  readonly failures: readonly WriteFailure[];
}

/** Failures of one kind; `code` as on their receipts. */
export interface WriteFailure {
  readonly path: 'legacy' | 'local-first';
  readonly code: string;
  readonly times: number;
}

/** Milliseconds: the median, and what one in a hundred exceeds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** How long writes took: on the legacy path alone, and on both. */
export interface Latency {
  readonly samples: number;
  readonly legacy: Percentiles;
  readonly both: Percentiles;
}

/** The clocks of a controller and its database may differ this much; times further in the future are not believed. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** What makes the evidence impossible, as `<signal> <observed> <op> <wanted>`; null if nothing does. */
export function flawIn(evidence: Evidence, now: Date): string | null {
  const { observations, mismatches, parity, writes, bypass } = evidence;
  const counts = {
    documents: evidence.documents,
    missing: evidence.coverage?.missing,
    drift: evidence.drift,
    unproven: evidence.unproven,
    compared: evidence.verification?.compared,
    observations,
    mismatches,
    'users checked': parity?.checked,
    'users wrong': parity?.wrong,
    quarantined: evidence.quarantined,
    writes: writes?.total,
    'failed writes': writes?.failed,
    'timed writes': evidence.latency?.samples,
    'writes past the library': bypass?.certain,
    'writes past the library with a doubtful base': bypass?.doubtful,
    'open conflicts': evidence.openConflicts,
  };
  for (const [signal, count] of Object.entries(counts))
    if (typeof count === 'number' && !(Number.isSafeInteger(count) && count >= 0))
      return `${signal} ${count} is not a count`;
  if (!(evidence.pausedMs >= 0)) return `paused ${evidence.pausedMs} ms < 0`;
  const excess = excessIn(evidence);
  if (excess !== null) return excess;
  const slow = impossibleTime(evidence.latency);
  if (slow !== null) return `milliseconds of a write ${slow} < 0`;
  const times = {
    'soak clock': evidence.soakSince,
    coverage: evidence.coverage?.at,
    drift: evidence.driftSince,
    verification: evidence.verification?.finishedAt,
    'newest round': evidence.newestRoundAt,
    'flag check': parity?.at,
  };
  for (const [signal, time] of Object.entries(times))
    if (time && !(time.getTime() <= now.getTime() + CLOCK_TOLERANCE_MS))
      return `${signal} ${Number.isNaN(time.getTime()) ? 'unreadable' : time.toISOString()} > now ${now.toISOString()}`;
  return null;
}

/** More of a part than of the whole. */
function excessIn({ observations, mismatches, parity, writes }: Evidence): string | null {
  if ((mismatches ?? 0) > (observations ?? 0))
    return `mismatches ${mismatches} > observations ${observations ?? 'not measured'}`;
  if (parity && parity.wrong > parity.checked)
    return `users wrong ${parity.wrong} > users checked ${parity.checked}`;
  return writes && writes.failed > writes.total
    ? `failed writes ${writes.failed} > writes ${writes.total}`
    : null;
}

/** A time that no clock can have measured. */
function impossibleTime(latency: Latency | null): number | null {
  if (latency === null || latency.samples === 0) return null;
  const { legacy, both } = latency;
  return [legacy.p50, legacy.p99, both.p50, both.p99].find((each) => !(each >= 0)) ?? null;
}
