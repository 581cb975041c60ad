import type { Matching } from './match-tokens.ts';
import { type Stream, startOf, tokenAt } from './stream.ts';

/** Items of a side that are items of the base put elsewhere, by the item of the base: a part of a block that was moved. */
export type Echoes = ReadonlyMap<number, number>;

/** Words in a row that are moved text if they went here and came there; fewer may be chance. */
const RUN = 3;

/**
 * Finds what a side took out in one place and put in again in another, short of whole blocks. The copy counts as the words
 * of the base: it goes if the other side deleted them, and stands once if both moved them.
 */
export function findEchoes(match: Matching): Echoes {
  const [gone, come] = [onlyOnce(match.base, match.toSide), onlyOnce(match.side, match.toBase)];
  const echoes = new Map<number, number>();
  for (const [key, to] of come) {
    const from = gone.get(key);
    if (from === undefined || from < 0 || to < 0 || echoes.has(to)) continue;
    const run = runAround(match, from, to);
    if (run.words >= RUN || run.isBlock) for (const [one, two] of run.pairs) echoes.set(two, one);
  }
  return echoes;
}

const REPEATED = -1;

/** The place of each word and node that stands once among what is not linked. */
function onlyOnce(stream: Stream, links: Int32Array): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let block = 0; block < stream.tokens.length; block++) {
    const start = startOf(stream, block) + 1;
    stream.tokens[block]?.forEach(({ key, isWord, atom }, index) => {
      if ((links[start + index] ?? 0) >= 0 || (!isWord && atom === undefined)) return;
      places.set(key, places.has(key) ? REPEATED : start + index);
    });
  }
  return places;
}

interface EchoRun {
  /** Places in the base and in the side. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly words: number;
  /** Whether it is all there is in the side's block. */
  readonly isBlock: boolean;
}

/** The longest stretch around two equal items that is the same in both and linked in neither. */
function runAround(match: Matching, from: number, to: number): EchoRun {
  const isSame = (step: number) => {
    const [one, two] = [tokenAt(match.base, from + step), tokenAt(match.side, to + step)];
    if (one === undefined || one.key !== two?.key) return false;
    return (match.toSide[from + step] ?? 0) < 0 && (match.toBase[to + step] ?? 0) < 0;
  };
  let [first, last] = [0, 0];
  while (isSame(first - 1)) first--;
  while (isSame(last + 1)) last++;
  const pairs: (readonly [number, number])[] = [];
  let words = 0;
  for (let step = first; step <= last; step++) {
    pairs.push([from + step, to + step]);
    if (tokenAt(match.base, from + step)?.isWord === true) words += 1;
  }
  const isBlock =
    tokenAt(match.side, to + first - 1) === undefined && tokenAt(match.side, to + last + 1) === undefined;
  return { pairs, words, isBlock };
}
