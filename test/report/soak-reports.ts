import type { Gate, SoakedCohort, SoakReport, Verdict } from '../../src/controller.ts';

export const gateOf = (gate: Gate['gate'], verdict: Verdict, because = `${gate} because`): Gate => ({
  gate,
  verdict,
  observed: 1,
  wanted: 2,
  because,
  since: '2026-03-01T04:05:06.000Z',
});

export const cohortOf = (name: string, gates: readonly Gate[]): SoakedCohort => ({
  name,
  stage: 'soaking',
  verdict: 'inconclusive',
  observations: 1_234,
  mismatches: 1,
  upperBound: 0.00384,
  gates,
});

export const reportOf = (...cohorts: readonly SoakedCohort[]): SoakReport => ({
  verdict: 'inconclusive',
  cohorts,
  unreachable: null,
});

/** What a file format has to survive, for a gate's words may quote what a person typed; and how XML gives it back. */
export const NASTY: readonly (readonly [given: string, read: string])[] = [
  ['& < > " \' ]]>', '& < > " \' ]]>'],
  ['tab\there, line\nbreak', 'tab\there, line\nbreak'],
  ['nul \u0000, escape \u001b[31m, bell \u0007', 'nul \ufffd, escape \ufffd[31m, bell \ufffd'],
  ['lone \ud800 surrogate, \ufffe, \uffff', 'lone \ufffd surrogate, \ufffd, \ufffd'],
  ['emoji 🎉 and naïve 日本', 'emoji 🎉 and naïve 日本'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['| pipe | `tick` [link](http://x) **bold** # head', '| pipe | `tick` [link](http://x) **bold** # head'],
];
