import { appendFileSync } from 'node:fs';
import type { Counts } from './judge.ts';
import type { Naming } from './writers.ts';

/** A file that gets each seed's figures, a line of JSON each. */
const FIGURES = process.env.DUALPATH_FIGURES;

export function noteFigures({
  lost,
  doubled,
  resurrected,
  ...figures
}: Counts & { readonly seed: number; readonly naming?: Naming }): void {
  if (FIGURES === undefined) return;
  const faults = { lost: lost.length, doubled: doubled.length, resurrected: resurrected.length };
  appendFileSync(FIGURES, `${JSON.stringify({ ...figures, ...faults })}\n`);
}
