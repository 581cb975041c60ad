import type { Verdict } from './model.ts';

/** What one gate concludes; `since` null: from now on. */
export interface Finding {
  readonly verdict: Verdict;
  readonly observed: number | string;
  readonly wanted: number | string;
  readonly because: string;
  readonly since: Date | null;
  readonly retryAt?: Date;
}

export const found = (
  verdict: Verdict,
  signal: string,
  observed: number | string,
  op: string,
  wanted: number | string,
  since: Date | null,
): Finding => ({ verdict, observed, wanted, because: `${signal} ${observed} ${op} ${wanted}`, since });

export const atMost = (signal: string, observed: number, wanted: number, since: Date | null): Finding =>
  observed <= wanted
    ? found('pass', signal, observed, wanted === 0 ? '=' : '<=', wanted, since)
    : found('fail', signal, observed, '>', wanted, since);

export const notMeasured = (
  signal: string,
  goal: string,
  wanted: number | string,
  observed: number | null = null,
): Finding => ({
  verdict: 'inconclusive',
  observed: observed ?? 'not measured',
  wanted,
  because: `${signal} ${observed ?? 'not measured'}, wanted ${goal}`,
  since: null,
});

/** The same conclusion, with more said about it in brackets. */
export const noting = (finding: Finding, note: string): Finding => ({
  ...finding,
  because: `${finding.because} (${note})`,
});
