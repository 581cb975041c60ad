import type { MergeReason } from './merge.ts';

/** The words of a merge by number, equal words by equal numbers. */
export interface MergeWords {
  readonly base: readonly number[];
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly result: readonly number[];
}

/**
 * What words tell that were moved in pieces too small to be known again: to a merge they went in one place and came in
 * another. If the other side deleted them, the copy stands (`deleted-stands`); if it moved them as well, both do
 * (`both-moved`). Rather a person is asked than a word taken that somebody wrote anew.
 */
export function reviewMovedWords(words: MergeWords): readonly MergeReason[] {
  const size = 1 + words.base.reduce((most, word) => Math.max(most, word), -1);
  const [base, ours, theirs, result] = [words.base, words.ours, words.theirs, words.result].map((side) =>
    countUpTo(side, size),
  ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const reasons = new Set<MergeReason>();
  for (let word = 0; word < size; word++) {
    const [before = 0, one = 0, two = 0, after = 0] = [base[word], ours[word], theirs[word], result[word]];
    if (before === 0 || after === 0) continue;
    // More of it than the other side wrote besides what it had.
    if (two === 0 && after > Math.max(0, one - before)) reasons.add('deleted-stands');
    if (one === 0 && after > Math.max(0, two - before)) reasons.add('deleted-stands');
    if (before === 1 && one === 1 && two === 1 && after > 1) reasons.add('both-moved');
  }
  return [...reasons];
}

function countUpTo(words: readonly number[], size: number): Uint32Array {
  const counts = new Uint32Array(size);
  for (const word of words) if (word < size) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
