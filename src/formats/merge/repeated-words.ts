import type { Changes } from './text-changes.ts';
import { isWord, type Token } from './text-tokens.ts';

const RUN = 5;

/**
 * Does a run of five words stand in the result more often than in either side? Then the same sentence may have come by
 * both paths. Only a run with a word in it that a side wrote can.
 */
export function hasRepeatedWords(
  result: readonly Token[],
  sides: { readonly ours: Changes; readonly theirs: Changes },
): boolean {
  const runs = new Set<string>();
  const starts = new Set<number>();
  for (const side of [sides.ours, sides.theirs]) addWritten(side, runs, starts);
  if (runs.size === 0) return false;
  const count = (tokens: readonly Token[]) => countRuns(tokens, runs, starts);
  const [inOurs, inTheirs] = [count(sides.ours.tokens), count(sides.theirs.tokens)];
  for (const [run, times] of count(result)) {
    if (times > Math.max(inOurs.get(run) ?? 0, inTheirs.get(run) ?? 0)) return true;
  }
  return false;
}

function addWritten({ tokens, kept }: Changes, runs: Set<string>, starts: Set<number>): void {
  const old = new Uint8Array(tokens.length);
  for (const at of kept) if (at >= 0) old[at] = 1;
  const words: number[] = [];
  let written = -1;
  tokens.forEach((token, index) => {
    if (!isWord(token)) return;
    words.push(token.id);
    if (old[index] === 0) written = words.length - 1;
    const first = words.length - RUN;
    if (first < 0 || written < first) return;
    runs.add(words.slice(first).join());
    starts.add(words[first] ?? 0);
  });
}

function countRuns(
  tokens: readonly Token[],
  runs: ReadonlySet<string>,
  starts: ReadonlySet<number>,
): ReadonlyMap<string, number> {
  const words: number[] = [];
  for (const token of tokens) if (isWord(token)) words.push(token.id);
  const counts = new Map<string, number>();
  for (let index = 0; index + RUN <= words.length; index++) {
    if (!starts.has(words[index] ?? 0)) continue;
    const run = words.slice(index, index + RUN).join();
    if (runs.has(run)) counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}
