import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence, Latency } from '../../src/core/evidence.ts';
import {
  carrySince,
  GATE_NAMES,
  type Gate,
  type GateName,
  gatesJudged,
  judge,
  keepFailures,
  verdictOf,
} from '../../src/core/gates.ts';
import type { Verdict } from '../../src/core/model.ts';
import type { SoakPolicy } from '../../src/core/policy.ts';

const NOW = new Date('2030-01-10T12:00:00Z');
const HOUR = 3_600_000;
const ago = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);

const POLICY: SoakPolicy = {
  durationMs: 72 * HOUR,
  minObservations: 3000,
  maxMismatchRate: 0.001,
  confidence: 0.95,
  maxEvidenceAgeMs: 24 * HOUR,
  maxQuarantined: 0,
};

const GOOD: Evidence = {
  documents: 1200,
  coverage: { missing: 0, at: ago(1) },
  drift: 0,
  driftSince: null,
  unproven: 0,
  verification: { finishedAt: ago(80), compared: 1200 },
  soakSince: ago(79),
  pausedMs: 0,
  observations: 3100,
  mismatches: 0,
  parity: { checked: 300, wrong: 0, at: ago(1) },
  newestRoundAt: ago(1),
  quarantined: 0,
  writes: { total: 500, failed: 0, failures: [] },
  latency: { samples: 500, legacy: { p50: 3, p99: 8 }, both: { p50: 12.34, p99: 40 } },
  bypass: { certain: 0, doubtful: 0 },
  openConflicts: 0,
};

const NOTHING: Evidence = {
  documents: null,
  coverage: null,
  drift: null,
  driftSince: null,
  unproven: null,
  verification: null,
  soakSince: null,
  pausedMs: 0,
  observations: null,
  mismatches: null,
  parity: null,
  newestRoundAt: null,
  quarantined: null,
  writes: null,
  latency: null,
  bypass: null,
  openConflicts: null,
};

const timed = (samples: number, both = { p50: 10, p99: 20 }, legacy = { p50: 2, p99: 4 }): Latency => ({
  samples,
  both,
  legacy,
});

const gate = (name: GateName, evidence: Partial<Evidence>, policy: Partial<SoakPolicy> = {}): Gate => {
  const found = judge({ ...GOOD, ...evidence }, { ...POLICY, ...policy }, NOW).find(
    (one) => one.gate === name,
  );
  if (!found) throw new Error(`no gate ${name}`);
  return found;
};

test('good evidence passes every gate', () => {
  const gates = judge(GOOD, POLICY, NOW);
  expect(gates.map((one) => one.gate)).toEqual([...GATE_NAMES]);
  expect(verdictOf(gates)).toBe('pass');
});

test('nothing measured is inconclusive at every gate', () => {
  const gates = judge(NOTHING, POLICY, NOW);
  expect(gates.map((one) => one.verdict)).toEqual(GATE_NAMES.map(() => 'inconclusive'));
});

describe('each gate', () => {
  test.each<[GateName, Partial<Evidence>, Verdict, string]>([
    ['coverage', {}, 'pass', 'missing 0 = 0'],
    ['coverage', { coverage: { missing: 3, at: ago(1) } }, 'fail', 'missing 3 > 0'],
    ['coverage', { coverage: { missing: 3, at: ago(1) }, documents: null }, 'fail', 'missing 3 > 0'],
    ['coverage', { coverage: null }, 'inconclusive', 'missing not measured, wanted = 0'],
    ['coverage', { documents: 0 }, 'inconclusive', 'documents 0, wanted > 0'],
    ['coverage', { documents: null }, 'inconclusive', 'documents not measured, wanted > 0'],
    ['verification', {}, 'pass', 'drift 0 = 0'],
    ['verification', { unproven: 7 }, 'pass', 'drift 0 = 0 (7 to compare again at flip)'],
    ['verification', { drift: 2 }, 'fail', 'drift 2 > 0'],
    ['verification', { drift: 2, verification: null }, 'fail', 'drift 2 > 0'],
    [
      'verification',
      { verification: null },
      'inconclusive',
      'drift of a full comparison not measured, wanted = 0',
    ],
    ['verification', { drift: null }, 'inconclusive', 'drift of a full comparison not measured, wanted = 0'],
    [
      'verification',
      { verification: { finishedAt: ago(2), compared: 0 } },
      'inconclusive',
      'documents compared 0, wanted > 0',
    ],
    ['duration', {}, 'pass', 'duration 3d 7h >= 3d'],
    ['duration', { soakSince: ago(72) }, 'pass', 'duration 3d >= 3d'],
    ['duration', { soakSince: ago(3) }, 'inconclusive', 'duration 3h < 3d'],
    ['duration', { pausedMs: 10 * HOUR }, 'inconclusive', 'duration 2d 21h < 3d'],
    ['duration', { soakSince: null }, 'inconclusive', 'duration not measured, wanted >= 3d'],
    ['observations', {}, 'pass', 'observations 3100 >= 3000'],
    ['observations', { observations: 2999 }, 'inconclusive', 'observations 2999 < 3000'],
    ['observations', { observations: 0 }, 'inconclusive', 'observations 0, wanted >= 3000'],
    ['flag-parity', {}, 'pass', 'users whose flags are wrong 0 = 0 (of 300 checked)'],
    [
      'flag-parity',
      { parity: { checked: 300, wrong: 1, at: ago(1) } },
      'fail',
      'users whose flags are wrong 1 > 0 (of 300 checked)',
    ],
    [
      'flag-parity',
      { parity: { checked: 0, wrong: 0, at: ago(1) } },
      'inconclusive',
      'users whose flags are wrong not measured, wanted = 0',
    ],
    ['evidence-age', {}, 'pass', 'evidence age 1h <= 1d'],
    ['evidence-age', { newestRoundAt: ago(24) }, 'pass', 'evidence age 1d <= 1d'],
    ['evidence-age', { newestRoundAt: ago(30) }, 'fail', 'evidence age 1d 6h > 1d'],
    ['write-errors', {}, 'pass', 'failed writes 0 = 0 (of 500 through the library)'],
    [
      'write-errors',
      {
        writes: {
          total: 500,
          failed: 3,
          failures: [
            { path: 'local-first', code: 'not-stored', times: 2 },
            { path: 'legacy', code: '23514', times: 1 },
          ],
        },
      },
      'fail',
      'failed writes 3 > 0 (of 500 through the library: local-first not-stored 2, legacy 23514 1)',
    ],
    [
      'write-errors',
      { writes: { total: 0, failed: 0, failures: [] } },
      'inconclusive',
      'writes through the library 0, wanted > 0',
    ],
    ['write-errors', { writes: null }, 'inconclusive', 'writes through the library not measured, wanted > 0'],
    [
      'latency',
      {},
      'pass',
      'both paths at p99 40 ms <= 1000 ms (the legacy path alone 8 ms; at p50 12.3 ms, alone 3 ms; 500 writes)',
    ],
    ['latency', { latency: timed(99) }, 'inconclusive', 'timed writes 99 < 100'],
    ['latency', { latency: timed(0) }, 'inconclusive', 'timed writes 0, wanted >= 100'],
    ['latency', { latency: null }, 'inconclusive', 'timed writes not measured, wanted >= 100'],
    ['quarantine', {}, 'pass', 'quarantined 0 = 0'],
    ['quarantine', { quarantined: 1 }, 'fail', 'quarantined 1 > 0'],
    ['conflicts-open', {}, 'pass', 'open conflicts 0 = 0'],
    ['conflicts-open', { openConflicts: 2 }, 'inconclusive', 'open conflicts 2 > 0'],
    ['conflicts-open', { openConflicts: null }, 'inconclusive', 'open conflicts not measured, wanted = 0'],
    [
      'bypass-writes',
      {},
      'pass',
      'writes past the library with a doubtful base 0 = 0 (0 with a certain one)',
    ],
    [
      'bypass-writes',
      { bypass: { certain: 17, doubtful: 0 } },
      'pass',
      'writes past the library with a doubtful base 0 = 0 (17 with a certain one)',
    ],
    [
      'bypass-writes',
      { bypass: { certain: 17, doubtful: 1 } },
      'fail',
      'writes past the library with a doubtful base 1 > 0 (17 with a certain one)',
    ],
    [
      'bypass-writes',
      { bypass: null },
      'inconclusive',
      'writes past the library with a doubtful base not measured, wanted = 0',
    ],
    [
      'bypass-writes',
      { newestRoundAt: null },
      'inconclusive',
      'writes past the library with a doubtful base not measured, wanted = 0',
    ],
  ])('%s of %o: %s, %s', (name, evidence, verdict, because) => {
    expect(gate(name, evidence)).toMatchObject({ verdict, because });
  });

  test('quarantine passes up to the limit', () => {
    expect(gate('quarantine', { quarantined: 2 }, { maxQuarantined: 2 })).toMatchObject({
      verdict: 'pass',
      observed: 2,
      wanted: 2,
      because: 'quarantined 2 <= 2',
    });
  });

  test('duration says when time alone will do, pauses excluded', () => {
    const { retryAt, observed, wanted } = gate('duration', { soakSince: ago(20), pausedMs: 2 * HOUR });
    expect(retryAt).toBe(new Date(NOW.getTime() + 54 * HOUR).toISOString());
    expect([observed, wanted]).toEqual(['18h', '3d']);
  });

  test('no observation at all never passes, not even a minimum of 0', () => {
    const nothing = { observations: 0, mismatches: 0 };
    expect(gate('observations', nothing, { minObservations: 0 }).verdict).toBe('inconclusive');
    expect(gate('mismatch-rate', nothing, { maxMismatchRate: 1 }).verdict).toBe('inconclusive');
  });
});

describe('mismatch-rate', () => {
  test('passes when the upper bound is low enough, and shows the bound', () => {
    const found = gate('mismatch-rate', {});
    expect(found.verdict).toBe('pass');
    expect(found.wanted).toBe(0.001);
    expect(found.observed).toBeCloseTo(0.000966, 6);
    expect(found.because).toBe('mismatch-rate 0.0009659 <= 0.001 (0 of 3100 differ, upper bound at 0.95)');
  });

  test('says how many observations are still needed', () => {
    const found = gate('mismatch-rate', { observations: 995 });
    expect(found.verdict).toBe('inconclusive');
    expect(found.because).toMatch(/^mismatch-rate 0\.003\d+ > 0\.001 .*; 2000 more observations/);
  });

  test('fails only when the lower bound is too high', () => {
    expect(gate('mismatch-rate', { mismatches: 4 }).verdict).toBe('inconclusive');
    const failed = gate('mismatch-rate', { mismatches: 10 });
    expect(failed.verdict).toBe('fail');
    expect(failed.because).toMatch(/^mismatch-rate 0\.001\d+ > 0\.001 .*lower bound/);
  });

  test('a limit of 0 is never shown', () => {
    const found = gate('mismatch-rate', {}, { maxMismatchRate: 0 });
    expect(found.verdict).toBe('inconclusive');
    expect(found.because).toContain('no number of observations can show it');
  });

  test('no confidence between 0 and 1 is an error, not a pass', () => {
    expect(gate('mismatch-rate', {}, { confidence: 1 }).verdict).toBe('error');
  });
});

describe('latency', () => {
  const verdictFor = (both: { p50: number; p99: number }, legacy = { p50: 1, p99: 2 }) =>
    gate('latency', { latency: timed(500, both, legacy) }).verdict;

  test('nobody notices a multiple of next to nothing', () => {
    expect(verdictFor({ p50: 250, p99: 1_000 })).toBe('pass');
  });

  test('fails where both paths take more than three times the legacy path and people notice', () => {
    expect(verdictFor({ p50: 20, p99: 1_001 })).toBe('fail');
    expect(verdictFor({ p50: 20, p99: 3_001 }, { p50: 1, p99: 1_000 })).toBe('fail');
    expect(verdictFor({ p50: 20, p99: 3_000 }, { p50: 1, p99: 1_000 })).toBe('pass');
  });

  test('the median is judged too, and said where it alone is too slow', () => {
    const found = gate('latency', { latency: timed(500, { p50: 260, p99: 900 }) });
    expect(found).toMatchObject({ verdict: 'fail', observed: '260 ms', wanted: '250 ms' });
    expect(found.because).toMatch(/^both paths at p50 260 ms > 250 ms \(/);
  });

  test('the first writes of a server are slow once: the median of a few is not judged, the slowest is', () => {
    const first = (p99: number) =>
      gate('latency', { latency: timed(19, { p50: 600, p99 }) }, { minObservations: 1 }).verdict;
    expect([first(900), first(1_100)]).toEqual(['pass', 'fail']);
  });

  test('a cohort that is asked for few observations has to time no more writes than those', () => {
    expect(gate('latency', { latency: timed(20) }, { minObservations: 20 }).verdict).toBe('pass');
    expect(gate('latency', { latency: timed(19) }, { minObservations: 20 }).verdict).toBe('inconclusive');
    expect(gate('latency', { latency: timed(0) }, { minObservations: 0 }).verdict).toBe('inconclusive');
  });
});

describe('evidence that contradicts itself is an error at every gate', () => {
  test.each<[string, Partial<Evidence>]>([
    ['mismatches 9 > observations 3', { observations: 3, mismatches: 9 }],
    ['mismatches 1 > observations not measured', { observations: null, mismatches: 1 }],
    ['missing -1 is not a count', { coverage: { missing: -1, at: ago(1) } }],
    ['observations NaN is not a count', { observations: Number.NaN }],
    ['paused -5 ms < 0', { pausedMs: -5 }],
    ['failed writes 2 > writes 1', { writes: { total: 1, failed: 2, failures: [] } }],
    ['milliseconds of a write -1 < 0', { latency: timed(500, { p50: -1, p99: 3 }) }],
    ['milliseconds of a write NaN < 0', { latency: timed(500, { p50: 1, p99: Number.NaN }) }],
    ['open conflicts -1 is not a count', { openConflicts: -1 }],
    ['users wrong 3 > users checked 2', { parity: { checked: 2, wrong: 3, at: ago(1) } }],
    ['newest round unreadable > now 2030-01-10T12:00:00.000Z', { newestRoundAt: new Date(Number.NaN) }],
    [
      'soak clock 2030-01-10T13:00:00.000Z > now 2030-01-10T12:00:00.000Z',
      { soakSince: new Date('2030-01-10T13:00:00Z') },
    ],
  ])('%s', (because, evidence) => {
    const gates = judge({ ...GOOD, ...evidence }, POLICY, NOW);
    expect(new Set(gates.map((one) => one.verdict))).toEqual(new Set(['error']));
    expect(new Set(gates.map((one) => one.because))).toEqual(new Set([because]));
  });

  test('a round that ended a moment after the judge looked at its clock is no contradiction', () => {
    const round = new Date(NOW.getTime() + 2000);
    expect(gate('evidence-age', { newestRoundAt: round })).toMatchObject({
      verdict: 'pass',
      since: NOW.toISOString(),
    });
  });
});

describe('since', () => {
  test('is the moment of the evidence', () => {
    expect(gate('verification', {}).since).toBe(ago(80).toISOString());
    expect(gate('duration', {}).since).toBe(ago(79).toISOString());
  });

  test('of drift is when the oldest was found, not the comparison before it that found none', () => {
    expect(gate('verification', { drift: 2, driftSince: ago(3) }).since).toBe(ago(3).toISOString());
  });

  test('of drift that came after earlier drift was mended is its own', () => {
    const before = judge({ ...GOOD, drift: 2, driftSince: ago(30) }, POLICY, NOW);
    const after = judge({ ...GOOD, drift: 1, driftSince: ago(3) }, POLICY, NOW);
    const [verification] = carrySince(after, before).filter((one) => one.gate === 'verification');
    expect(verification).toMatchObject({ verdict: 'fail', since: ago(3).toISOString() });
  });

  test('of evidence that is too old is when it became so', () => {
    expect(gate('evidence-age', { newestRoundAt: ago(30) }).since).toBe(ago(6).toISOString());
  });

  test('of too many mismatches is the round that showed them, not the beginning of the clock', () => {
    expect(gate('mismatch-rate', { mismatches: 10 }).since).toBe(ago(1).toISOString());
  });

  test('stays while the verdict stands, and starts anew when it changes', () => {
    const before = judge({ ...GOOD, quarantined: 1 }, POLICY, NOW);
    const later = new Date(NOW.getTime() + HOUR);
    const after = judge({ ...GOOD, newestRoundAt: later }, POLICY, later);
    const sinceOf = (gates: readonly Gate[], name: GateName) => gates.find((one) => one.gate === name)?.since;
    const carried = carrySince(after, before);
    expect(sinceOf(carried, 'evidence-age')).toBe(sinceOf(before, 'evidence-age'));
    expect(sinceOf(carried, 'quarantine')).toBe(sinceOf(after, 'quarantine'));
  });
});

describe('between two rounds', () => {
  const failed = judge(
    {
      ...GOOD,
      writes: { total: 9, failed: 1, failures: [] },
      quarantined: 1,
      bypass: { certain: 0, doubtful: 1 },
    },
    POLICY,
    NOW,
  );
  const verdictIn = (gates: readonly Gate[], name: GateName) =>
    gates.find((one) => one.gate === name)?.verdict;

  test('what failed a round stands, though the clock has started again and counts nothing of it', () => {
    const restarted: Evidence = { ...GOOD, writes: { total: 0, failed: 0, failures: [] } };
    const gates = keepFailures(judge(restarted, POLICY, NOW), failed);
    expect(verdictIn(gates, 'write-errors')).toBe('fail');
    expect(verdictIn(gates, 'bypass-writes')).toBe('fail');
    expect(verdictIn(gates, 'latency')).toBe('pass');
  });

  test('what can be seen now is judged as it is now', () => {
    expect(verdictIn(keepFailures(judge(GOOD, POLICY, NOW), failed), 'quarantine')).toBe('pass');
    const flawed = keepFailures(judge({ ...GOOD, drift: -1 }, POLICY, NOW), failed);
    expect(new Set(flawed.map(({ verdict }) => verdict))).toEqual(new Set(['error']));
  });
});

describe('the verdict of a cohort is its worst', () => {
  const of = (...verdicts: Verdict[]): Verdict =>
    verdictOf(judge(GOOD, POLICY, NOW).map((one, index) => ({ ...one, verdict: verdicts[index] ?? 'pass' })));

  test('error, then fail, then inconclusive, then pass', () => {
    expect(of('fail', 'error', 'inconclusive')).toBe('error');
    expect(of('inconclusive', 'fail')).toBe('fail');
    expect(of('pass', 'inconclusive')).toBe('inconclusive');
    expect(of('pass')).toBe('pass');
  });

  test('no gates at all are inconclusive', () => {
    expect(verdictOf([])).toBe('inconclusive');
  });
});

describe('whatever was measured', () => {
  const count = fc.option(fc.oneof(fc.integer({ min: -1, max: 5000 }), fc.constant(Number.NaN)));
  const time = fc.option(fc.integer({ min: -1, max: 200 }).map(ago));
  const at = fc.integer({ min: 0, max: 200 }).map(ago);
  const percentiles = fc.record({ p50: fc.nat(400), p99: fc.nat(4000) });
  const evidences: fc.Arbitrary<Evidence> = fc.record({
    documents: count,
    coverage: fc.option(fc.record({ missing: fc.nat(3), at })),
    drift: count,
    driftSince: time,
    unproven: count,
    verification: fc.option(fc.record({ finishedAt: at, compared: fc.nat(5) })),
    soakSince: time,
    pausedMs: fc.oneof(fc.nat(100 * HOUR), fc.constant(-1)),
    observations: count,
    mismatches: fc.option(fc.nat(20)),
    parity: fc.option(fc.record({ checked: fc.nat(9), wrong: fc.nat(2), at })),
    newestRoundAt: time,
    quarantined: count,
    writes: fc.option(fc.record({ total: fc.nat(9), failed: fc.nat(2), failures: fc.constant([]) })),
    latency: fc.option(fc.record({ samples: fc.nat(200), legacy: percentiles, both: percentiles })),
    bypass: fc.option(fc.record({ certain: fc.nat(9), doubtful: fc.nat(1) })),
    openConflicts: count,
  });

  test('every gate is judged, in a form others can read', () => {
    fc.assert(
      fc.property(evidences, (evidence) => {
        const gates = judge(evidence, POLICY, NOW);
        expect(gates.map((one) => one.gate)).toEqual([...GATE_NAMES]);
        for (const one of gates) {
          expect(new Date(one.since).toISOString()).toBe(one.since);
          expect(Date.parse(one.since)).toBeLessThanOrEqual(NOW.getTime());
          if (one.retryAt !== undefined) expect(Date.parse(one.retryAt)).toBeGreaterThan(NOW.getTime());
          expect(one.because).toMatch(/\S+ \S+/);
          expect(JSON.parse(JSON.stringify(one))).toEqual(one);
        }
      }),
    );
  });

  test('forgetting a measurement never makes a gate pass that did not', () => {
    const forgettable = fc.constantFrom(
      'documents',
      'coverage',
      'drift',
      'verification',
      'soakSince',
      'observations',
      'mismatches',
      'parity',
      'newestRoundAt',
      'quarantined',
      'writes',
      'latency',
      'bypass',
      'openConflicts',
    );
    fc.assert(
      fc.property(evidences, forgettable, (evidence, key) => {
        const before = judge(evidence, POLICY, NOW);
        if (verdictOf(before) === 'error') return;
        const after = judge({ ...evidence, [key]: null }, POLICY, NOW);
        for (const [index, one] of after.entries())
          if (one.verdict === 'pass') expect(before[index]?.verdict).toBe('pass');
      }),
    );
  });
});

describe('an application that writes both stores by itself', () => {
  test('is not held by what only the library can measure', () => {
    const left = GATE_NAMES.filter((name) => !gatesJudged('own').includes(name));
    expect(left).toEqual(['write-errors', 'latency', 'conflicts-open', 'bypass-writes']);
    expect(gatesJudged('library')).toEqual(GATE_NAMES);
  });
});
