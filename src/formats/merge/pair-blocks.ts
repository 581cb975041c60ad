import { align } from '../align.ts';
import { createInterner } from '../tokens.ts';
import type { Block } from './flat.ts';
import type { Lexicon } from './lexicon.ts';

/** A block of the base and what it is on one side. */
export interface BlockPair {
  readonly base: number;
  readonly side: number;
}

/** Which blocks of a side are which of the base, as far as whole blocks tell. */
export interface BlockPairs {
  /** The same text, in order. */
  readonly same: readonly BlockPair[];
  /** The same or much of the same text, elsewhere. */
  readonly moved: readonly BlockPair[];
}

export function pairBlocks(base: readonly Block[], side: readonly Block[], lexicon: Lexicon): BlockPairs {
  const same = sameInOrder(base, side);
  return { same, moved: findMoved(base, side, same, lexicon) };
}

/** Empty blocks are alike everywhere and say nothing of what is where. */
function sameInOrder(base: readonly Block[], side: readonly Block[]): readonly BlockPair[] {
  const intern = createInterner();
  const [one, two] = [telling(base), telling(side)];
  const numbers = (blocks: readonly Block[], indices: readonly number[]) =>
    indices.map((index) => intern(blocks[index]?.identity ?? ''));
  return align(numbers(base, one), numbers(side, two)).flatMap(({ a, b, length }) =>
    Array.from({ length }, (_, step) => ({ base: one[a + step] ?? 0, side: two[b + step] ?? 0 })),
  );
}

function telling(blocks: readonly Block[]): readonly number[] {
  const indices: number[] = [];
  blocks.forEach(({ inline, shell }, index) => {
    if (inline.length > 0 || Object.keys(shell.attrs).length > 0) indices.push(index);
  });
  return indices;
}

/** How much of two blocks must be the same for them to be one block that was moved: Dice's measure over words. */
const ALIKE = 0.5;

interface Candidate extends BlockPair {
  readonly score: number;
}

function findMoved(
  base: readonly Block[],
  side: readonly Block[],
  same: readonly BlockPair[],
  lexicon: Lexicon,
): readonly BlockPair[] {
  const gapInBase = gapsOf(base.length, same, ({ base }) => base);
  const gapInSide = gapsOf(side.length, same, ({ side }) => side);
  const pairs = matchAlike(base, side, gapInBase, gapInSide, lexicon);
  const moved: BlockPair[] = [];
  const inGap = new Map<number, BlockPair[]>();
  for (const pair of pairs) {
    const gap = gapInBase[pair.base] ?? 0;
    if (gap !== gapInSide[pair.side]) moved.push(pair);
    else inGap.set(gap, [...(inGap.get(gap) ?? []), pair]);
  }
  for (const group of inGap.values()) moved.push(...outOfOrder(group));
  return moved;
}

const PAIRED = -1;

/** For each block the number of pairs before it, or PAIRED. */
function gapsOf(
  length: number,
  same: readonly BlockPair[],
  indexOf: (pair: BlockPair) => number,
): readonly number[] {
  const gaps: number[] = [];
  same.forEach((pair, number) => {
    while (gaps.length < indexOf(pair)) gaps.push(number);
    gaps.push(PAIRED);
  });
  while (gaps.length < length) gaps.push(same.length);
  return gaps;
}

/** The best pairs of blocks that share words no other block of the document holds, each block once. */
function matchAlike(
  base: readonly Block[],
  side: readonly Block[],
  gapInBase: readonly number[],
  gapInSide: readonly number[],
  lexicon: Lexicon,
): readonly BlockPair[] {
  const home = new Map<number, number>();
  const sizes = new Map<number, number>();
  base.forEach((block, index) => {
    if (gapInBase[index] === PAIRED) return;
    const words = wordsIn(block, lexicon);
    sizes.set(index, words.size);
    for (const word of words) home.set(word, home.has(word) ? PAIRED : index);
  });
  const candidates: Candidate[] = [];
  side.forEach((block, index) => {
    if (gapInSide[index] !== PAIRED) candidates.push(...candidatesFor(block, index, home, sizes, lexicon));
  });
  candidates.sort((one, two) => two.score - one.score || one.base - two.base || one.side - two.side);
  const [takenBase, takenSide] = [new Set<number>(), new Set<number>()];
  const pairs = candidates.filter((pair) => {
    if (takenBase.has(pair.base) || takenSide.has(pair.side)) return false;
    takenBase.add(pair.base);
    takenSide.add(pair.side);
    return true;
  });
  return pairs.sort((one, two) => one.base - two.base);
}

function candidatesFor(
  block: Block,
  side: number,
  home: ReadonlyMap<number, number>,
  sizes: ReadonlyMap<number, number>,
  lexicon: Lexicon,
): readonly Candidate[] {
  const words = wordsIn(block, lexicon);
  const shared = new Map<number, number>();
  for (const word of words) {
    const base = home.get(word) ?? PAIRED;
    if (base !== PAIRED) shared.set(base, (shared.get(base) ?? 0) + 1);
  }
  return [...shared]
    .map(([base, count]) => ({ base, side, score: (2 * count) / (words.size + (sizes.get(base) ?? 0)) }))
    .filter(({ score }) => score >= ALIKE);
}

/** Words and nodes in the text: spaces and signs are in every block. */
function wordsIn(block: Block, lexicon: Lexicon): ReadonlySet<number> {
  const words = new Set<number>();
  for (const token of lexicon.tokensOf(block)) {
    if (token.isWord || token.atom !== undefined) words.add(token.key);
  }
  return words;
}

/** The pairs, sorted by base, that do not keep that order on the side; as few as can be. */
function outOfOrder(pairs: readonly BlockPair[]): readonly BlockPair[] {
  const sides = pairs.map(({ side }) => side);
  const sorted = [...sides].sort((one, two) => one - two);
  const inOrder = new Set<number>();
  for (const { a, length } of align(sides, sorted))
    for (let step = 0; step < length; step++) inOrder.add(a + step);
  return pairs.filter((_, index) => !inOrder.has(index));
}
