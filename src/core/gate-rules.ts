import { formatDuration } from './duration.ts';
import type { Evidence } from './evidence.ts';
import { atMost, type Finding, found, noting, notMeasured } from './finding.ts';
import { formatElapsed } from './format-elapsed.ts';
import type { GateName } from './gates.ts';
import type { Verdict } from './model.ts';
import type { SoakPolicy } from './policy.ts';
import { lowerBound, observationsNeeded, rateIsAtMost, upperBound } from './statistics.ts';
import { judgeBypassWrites, judgeLatency, judgeOpenConflicts, judgeWriteErrors } from './write-rules.ts';

type Rule = (evidence: Evidence, policy: SoakPolicy, now: Date) => Finding;

/** Each passes only on a condition that holds, so that a value no comparison can order (NaN) never passes. */
export const RULES: Readonly<Record<GateName, Rule>> = {
  coverage({ documents, coverage }) {
    if (coverage === null) return notMeasured('missing', '= 0', 0);
    const finding = atMost('missing', coverage.missing, 0, coverage.at);
    if (finding.verdict !== 'pass' || (documents !== null && documents > 0)) return finding;
    const none =
      documents === null ? notMeasured('documents', '> 0', 0) : { because: 'documents 0, wanted > 0' };
    return { ...finding, verdict: 'inconclusive', because: none.because };
  },

  verification({ verification, drift, driftSince, unproven }) {
    if (drift !== null && drift > 0) return atMost('drift', drift, 0, driftSince);
    if (verification === null || drift === null) return notMeasured('drift of a full comparison', '= 0', 0);
    const finding = atMost('drift', drift, 0, verification.finishedAt);
    if (!(verification.compared > 0))
      return { ...finding, verdict: 'inconclusive', because: 'documents compared 0, wanted > 0' };
    return unproven ? noting(finding, `${unproven} to compare again at flip`) : finding;
  },

  duration({ soakSince, pausedMs }, { durationMs }, now) {
    const wanted = formatDuration(durationMs);
    if (soakSince === null) return notMeasured('duration', `>= ${wanted}`, wanted);
    const elapsed = Math.max(0, now.getTime() - soakSince.getTime() - pausedMs);
    const observed = formatElapsed(elapsed);
    if (elapsed >= durationMs) return found('pass', 'duration', observed, '>=', wanted, soakSince);
    return {
      ...found('inconclusive', 'duration', observed, '<', wanted, soakSince),
      retryAt: new Date(now.getTime() + durationMs - elapsed),
    };
  },

  observations({ observations, soakSince }, { minObservations }) {
    // A minimum of 0 asks for nothing, and nothing measured is no pass.
    const wanted = Math.max(1, minObservations);
    if (observations === null || observations === 0)
      return notMeasured('observations', `>= ${wanted}`, wanted, observations);
    return observations >= wanted
      ? found('pass', 'observations', observations, '>=', wanted, soakSince)
      : found('inconclusive', 'observations', observations, '<', wanted, soakSince);
  },

  'mismatch-rate': judgeMismatchRate,

  'flag-parity'({ parity }) {
    if (parity === null || parity.checked === 0) return notMeasured('users whose flags are wrong', '= 0', 0);
    return noting(
      atMost('users whose flags are wrong', parity.wrong, 0, parity.at),
      `of ${parity.checked} checked`,
    );
  },

  'evidence-age'({ newestRoundAt }, { maxEvidenceAgeMs }, now) {
    const wanted = formatDuration(maxEvidenceAgeMs);
    if (newestRoundAt === null) return notMeasured('evidence age', `<= ${wanted}`, wanted);
    const age = Math.max(0, now.getTime() - newestRoundAt.getTime());
    return age <= maxEvidenceAgeMs
      ? found('pass', 'evidence age', formatElapsed(age), '<=', wanted, newestRoundAt)
      : found(
          'fail',
          'evidence age',
          formatElapsed(age),
          '>',
          wanted,
          new Date(newestRoundAt.getTime() + maxEvidenceAgeMs),
        );
  },

  'write-errors': judgeWriteErrors,

  latency: judgeLatency,

  quarantine({ quarantined, newestRoundAt }, { maxQuarantined }) {
    if (quarantined === null) return notMeasured('quarantined', `<= ${maxQuarantined}`, maxQuarantined);
    return atMost('quarantined', quarantined, maxQuarantined, newestRoundAt);
  },

  'conflicts-open': judgeOpenConflicts,

  'bypass-writes': judgeBypassWrites,
};

/** Fails only when the rate is proven to be above the limit; until it is proven to be below, it says what is missing. */
function judgeMismatchRate(evidence: Evidence, policy: SoakPolicy): Finding {
  const { observations, mismatches, soakSince, newestRoundAt } = evidence;
  const { maxMismatchRate: wanted, confidence } = policy;
  if (observations === null || mismatches === null || observations === 0 || mismatches > observations)
    return notMeasured('mismatch-rate', `<= ${wanted}`, wanted);
  if (!(confidence > 0 && confidence < 1))
    return {
      ...notMeasured('mismatch-rate', `<= ${wanted}`, wanted),
      verdict: 'error',
      because: `confidence ${confidence} is not between 0 and 1`,
    };
  const upper = rounded(upperBound(mismatches, observations, confidence));
  const basis = `${mismatches} of ${observations} differ, upper bound at ${confidence}`;
  const say = (verdict: Verdict, op: string, observed: number, note: string): Finding => {
    const since = verdict === 'fail' ? newestRoundAt : soakSince;
    const finding = found(verdict, 'mismatch-rate', observed, op, wanted, since);
    return { ...finding, observed: upper, because: `${finding.because} (${note})` };
  };
  if (rateIsAtMost(wanted, mismatches, observations, confidence)) return say('pass', '<=', upper, basis);
  const lower = lowerBound(mismatches, observations, confidence);
  if (lower > wanted)
    return say(
      'fail',
      '>',
      rounded(lower),
      `${mismatches} of ${observations} differ, lower bound at ${confidence}`,
    );
  const more = observationsNeeded(wanted, confidence, mismatches) - observations;
  const hope = Number.isFinite(more)
    ? `${more} more observations without a mismatch would do`
    : 'no number of observations can show it';
  return say('inconclusive', '>', upper, `${basis}; ${hope}`);
}

const rounded = (rate: number): number => Number(rate.toPrecision(4));
