import fc from 'fast-check';
import { expect } from 'vitest';
import { SEED } from '../../support/random.ts';
import { pairCase, runCase } from './cases.ts';
import { life, runLife } from './lifecycle.ts';
import { moves, type Profile } from './profiles.ts';

/** What was counted over all cases of a profile. */
export interface Figures {
  cases: number;
  merges: number;
  /** Words that had to survive. */
  words: number;
  lost: number;
  doubled: number;
  resurrected: number;
}

export function noFigures(): Figures {
  return { cases: 0, merges: 0, words: 0, lost: 0, doubled: 0, resurrected: 0 };
}

const CLEAN = { lost: [], mangled: [], unopened: undefined };
const NO_TWINS = { doubled: [], resurrected: [] };

/** Merges pairs of random changes and holds each against the writers' books; a failure shrinks to a small case. */
export function holdPairs(profile: Profile, runs: number, through: 'json' | 'yjs'): Figures {
  const figures = noFigures();
  fc.assert(
    fc.property(pairCase, (given) => {
      const verdict = runCase(given, profile, through);
      count(figures, verdict, 1);
      const { lost, mangled, unopened, doubled, resurrected, marks, attributes, reasons } = verdict;
      expect({ lost, mangled, unopened }).toEqual(CLEAN);
      expect({ marks, attributes }).toEqual({ marks: [], attributes: [] });
      if (!moves(profile)) expect({ doubled, resurrected }).toEqual(NO_TWINS);
      if (doubled.length > 0) expect(reasons).toContain('both-moved');
      if (resurrected.length > 0) expect(reasons).toContain('deleted-stands');
    }),
    { seed: SEED, numRuns: runs },
  );
  return figures;
}

/** The same for documents that five writers work on for a while. */
export function holdLives(profile: Profile, runs: number): Figures {
  const figures = noFigures();
  fc.assert(
    fc.property(life, (given) => {
      const verdict = runLife(given, profile);
      count(figures, verdict, verdict.merges);
      const { lost, mangled, unopened, doubled, unnamed } = verdict;
      expect(unnamed).toEqual([]);
      expect({ lost, mangled, unopened }).toEqual(CLEAN);
      // A merge of two that rewrote one block moves words by itself, and says so.
      if (!moves(profile)) expect(doubled).toEqual([]);
    }),
    { seed: SEED, numRuns: runs },
  );
  return figures;
}

type Counted = Readonly<Record<'lost' | 'doubled' | 'resurrected', readonly string[]>> & {
  readonly words: number;
};

function count(figures: Figures, { words, lost, doubled, resurrected }: Counted, merges: number): void {
  figures.cases += 1;
  figures.merges += merges;
  figures.words += words;
  figures.lost += lost.length;
  figures.doubled += doubled.length;
  figures.resurrected += resurrected.length;
}

/** The figures as rows of a Markdown table. */
export function tableOf(rows: ReadonlyMap<string, Figures>): string {
  const head = '| profile | cases | merges | words that had to survive | lost | doubled | resurrected |';
  const lines = [...rows].map(([name, { cases, merges, words, lost, doubled, resurrected }]) => {
    const cells = [cases, merges, words, lost, doubled, resurrected].map((cell) => cell.toLocaleString('en'));
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [head, '| --- | --: | --: | --: | --: | --: | --: |', ...lines].join('\n');
}
