import type { Evidence, Latency, Percentiles, WriteFailure } from './evidence.ts';
import { atMost, type Finding, found, noting, notMeasured } from './finding.ts';
import type { SoakPolicy } from './policy.ts';

/**
 * A write of both paths may take so many times what the legacy path takes of it. The second path does more than an
 * UPDATE: it reads the state, finds the change, appends it. Beyond three times it is no longer that work but a fault.
 */
const TIMES = 3;

/**
 * Nobody notices less, whatever it is a multiple of: a legacy path of 1 ms must not forbid 5. A save is sent in the
 * background while its writer types on. Half of them within a quarter of a second feel as if saved at once; one in a
 * hundred may take the second after which people begin to wait (R. B. Miller, 1968).
 */
const UNNOTICED_MS: Percentiles = { p50: 250, p99: 1_000 };

/** With fewer, the largest of them is their 99th percentile, and says little about one in a hundred. */
const ENOUGH_SAMPLES = 100;

/** The median of fewer is one of the first writes of a server, which are slow once: then the slowest alone is judged. */
const MEDIAN_SAMPLES = 20;

/**
 * One failure fails: until the flip the legacy path hides from people what after it would have been an error or a held
 * document of theirs. No write at all shows nothing, however many rows of plain SQL were compared.
 */
export function judgeWriteErrors({ writes, soakSince }: Evidence): Finding {
  if (writes === null || writes.total === 0)
    return notMeasured('writes through the library', '> 0', 0, writes?.total ?? null);
  const { total, failed, failures } = writes;
  const of = `of ${total} through the library`;
  return noting(
    atMost('failed writes', failed, 0, failed > 0 ? null : soakSince),
    failed > 0 ? `${of}: ${failures.map(inWords).join(', ')}` : of,
  );
}

const inWords = ({ path, code, times }: WriteFailure): string => `${path} ${code} ${times}`;

/** Both paths together beside the legacy path alone, at the median and at the 99th percentile: the one that is too slow speaks. */
export function judgeLatency({ latency, soakSince }: Evidence, { minObservations }: SoakPolicy): Finding {
  // A cohort that is asked for few observations has few writes to time.
  const enough = Math.min(ENOUGH_SAMPLES, Math.max(1, minObservations));
  if (latency === null || latency.samples === 0)
    return notMeasured('timed writes', `>= ${enough}`, enough, latency?.samples ?? null);
  if (!(latency.samples >= enough))
    return found('inconclusive', 'timed writes', latency.samples, '<', enough, soakSince);
  const [median, tail] = [compared(latency, 'p50'), compared(latency, 'p99')];
  const isMedianSlow = latency.samples >= MEDIAN_SAMPLES && !median.passes;
  return noting(tail.passes && isMedianSlow ? median.finding : tail.finding, inDetail(latency));
}

function compared(
  { legacy, both }: Latency,
  at: keyof Percentiles,
): { readonly passes: boolean; readonly finding: Finding } {
  const wanted = Math.max(UNNOTICED_MS[at], TIMES * legacy[at]);
  const passes = both[at] <= wanted;
  const [verdict, op] = passes ? (['pass', '<='] as const) : (['fail', '>'] as const);
  return { passes, finding: found(verdict, `both paths at ${at}`, inMs(both[at]), op, inMs(wanted), null) };
}

const inDetail = ({ legacy, both, samples }: Latency): string =>
  `the legacy path alone ${inMs(legacy.p99)}; at p50 ${inMs(both.p50)}, alone ${inMs(legacy.p50)}; ${samples} writes`;

const inMs = (milliseconds: number): string => `${Math.round(milliseconds * 10) / 10} ms`;

/**
 * A plain write of which the base is certain loses nothing: it replaced just what it was taken in over. It is shown, for
 * with `write_path: library` nobody should write so, and passes: a script that mends titles must not hold a school. One
 * whose base had to be guessed met a push or a merge that its writer may never have seen; that one may have doubled or
 * taken back words, and whoever writes so will do it again after the flip, when every document has pushes. It fails.
 * None is a measurement, not a lack of one: change capture sees every write, and rounds take in what it saw.
 */
export function judgeBypassWrites({ bypass, newestRoundAt, soakSince }: Evidence): Finding {
  const signal = 'writes past the library with a doubtful base';
  if (bypass === null || newestRoundAt === null) return notMeasured(signal, '= 0', 0);
  const { certain, doubtful } = bypass;
  return noting(
    atMost(signal, doubtful, 0, doubtful > 0 ? null : soakSince),
    `${certain} with a certain one`,
  );
}

/** Work for a person, not a fault of the paths: it holds the flip, and does not start the clock again. */
export function judgeOpenConflicts({ openConflicts, newestRoundAt }: Evidence): Finding {
  if (openConflicts === null) return notMeasured('open conflicts', '= 0', 0);
  const finding = atMost('open conflicts', openConflicts, 0, newestRoundAt);
  return finding.verdict === 'fail' ? { ...finding, verdict: 'inconclusive', since: null } : finding;
}
