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
}

/** The clocks of a controller and its database may differ this much; times further in the future are not believed. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** What makes the evidence impossible, as `<signal> <observed> <op> <wanted>`; null if nothing does. */
export function flawIn(evidence: Evidence, now: Date): string | null {
  const { observations, mismatches, parity } = evidence;
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
  };
  for (const [signal, count] of Object.entries(counts))
    if (typeof count === 'number' && !(Number.isSafeInteger(count) && count >= 0))
      return `${signal} ${count} is not a count`;
  if (!(evidence.pausedMs >= 0)) return `paused ${evidence.pausedMs} ms < 0`;
  if ((mismatches ?? 0) > (observations ?? 0))
    return `mismatches ${mismatches} > observations ${observations ?? 'not measured'}`;
  if (parity && parity.wrong > parity.checked)
    return `users wrong ${parity.wrong} > users checked ${parity.checked}`;
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
