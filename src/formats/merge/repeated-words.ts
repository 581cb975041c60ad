import { createInterner } from '../tokens.ts';
import type { Token } from './text-tokens.ts';

/**
 * Does a run of five words stand in the result more often than in either side? Then the same sentence may have come by
 * both paths.
 */
export function hasRepeatedWords(
  result: readonly Token[],
  ours: readonly Token[],
  theirs: readonly Token[],
): boolean {
  const runs = createRunCounter();
  const [inOurs, inTheirs] = [runs(ours), runs(theirs)];
  for (const [run, count] of runs(result)) {
    if (count > 1 && count > Math.max(inOurs.get(run) ?? 0, inTheirs.get(run) ?? 0)) return true;
  }
  return false;
}

/** Counts the runs of five words, each by a number that stands for exactly these words in every text counted. */
function createRunCounter(): (tokens: readonly Token[]) => ReadonlyMap<number, number> {
  const intern = createInterner();
  const [pairs, fours, fives] = [createPairs(), createPairs(), createPairs()];
  return (tokens) => {
    const words: number[] = [];
    for (const { kind, insert } of tokens) {
      if (kind === 'word' || kind === 'character') words.push(intern(insert as string));
    }
    const two = words.slice(1).map((word, index) => pairs(words[index] ?? 0, word));
    const counts = new Map<number, number>();
    for (let index = 0; index + 4 < words.length; index++) {
      const four = fours(two[index] ?? 0, two[index + 2] ?? 0);
      const run = fives(four, words[index + 4] ?? 0);
      counts.set(run, (counts.get(run) ?? 0) + 1);
    }
    return counts;
  };
}

/** Numbers pairs of numbers; both are below the number of tokens, so that two of them fit into 53 bits. */
function createPairs(): (one: number, two: number) => number {
  const numbers = new Map<number, number>();
  return (one, two) => {
    const key = one * 2 ** 26 + two;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
}
