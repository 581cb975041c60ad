import { align } from '../align.ts';
import { createInterner } from '../tokens.ts';
import type { Block } from './flat.ts';
import { link, type Matching } from './match-tokens.ts';
import type { BlockPairs } from './pair-blocks.ts';
import { endOf, type Stream, startOf } from './stream.ts';

/**
 * Links where blocks start and end, which follows from their tokens: a start is the one of the block that holds the first
 * token both have, an end that of the last. So the first half of a split block has its start and the second its end.
 */
export function matchEdges(
  match: Matching,
  base: readonly Block[],
  side: readonly Block[],
  { moved }: BlockPairs,
): void {
  for (const pair of moved) linkEdges(match, pair.base, pair.side);
  const ofBase = base.map((_, block) => linkedOf(match.base, block, match.toSide));
  const ofSide = side.map((_, block) => linkedOf(match.side, block, match.toBase));
  ofBase.forEach((linked, block) => {
    if (linked !== undefined) linkByTokens(match, block, linked, ofSide);
  });
  pairUnlinked(match, base, side);
}

function linkEdges(match: Matching, base: number, side: number): void {
  link(match, startOf(match.base, base), startOf(match.side, side));
  link(match, endOf(match.base, base), endOf(match.side, side));
}

/** The places of the first and last token of a block that the other document has, too. */
interface Linked {
  readonly first: number;
  readonly last: number;
}

function linkedOf(stream: Stream, block: number, links: Int32Array): Linked | undefined {
  const [from, to] = [startOf(stream, block) + 1, endOf(stream, block)];
  let [first, last] = [from, to - 1];
  while (first < to && (links[first] ?? -1) < 0) first++;
  while (last >= from && (links[last] ?? -1) < 0) last--;
  return first < to ? { first, last } : undefined;
}

function linkByTokens(
  match: Matching,
  block: number,
  linked: Linked,
  ofSide: readonly (Linked | undefined)[],
): void {
  const partnerOf = (at: number) => match.side.blockOf[match.toSide[at] ?? 0] ?? 0;
  const [first, last] = [partnerOf(linked.first), partnerOf(linked.last)];
  const [start, end] = [startOf(match.base, block), endOf(match.base, block)];
  if ((match.toSide[start] ?? -1) < 0 && match.toBase[ofSide[first]?.first ?? 0] === linked.first) {
    link(match, start, startOf(match.side, first));
  }
  if ((match.toSide[end] ?? -1) < 0 && match.toBase[ofSide[last]?.last ?? 0] === linked.last) {
    link(match, end, endOf(match.side, last));
  }
}

/** Blocks that share no token with any other: empty ones, pictures and rules, and those that were rewritten. */
function pairUnlinked(match: Matching, base: readonly Block[], side: readonly Block[]): void {
  const groups = new Map<number, { base: number[]; side: number[] }>();
  const groupOf = (before: number) => {
    const group = groups.get(before) ?? { base: [], side: [] };
    groups.set(before, group);
    return group;
  };
  // Loose blocks may be each other if they stand after the same block, by its number in the base.
  let before = -1;
  base.forEach((_, block) => {
    if (isLoose(match.base, block, match.toSide)) groupOf(before).base.push(block);
    else before = block;
  });
  before = -1;
  side.forEach((_, block) => {
    if (isLoose(match.side, block, match.toBase)) groupOf(before).side.push(block);
    else before = baseBlockOf(match, block) ?? before;
  });
  for (const group of groups.values()) pairGroup(match, group.base, group.side, base, side);
}

function isLoose(stream: Stream, block: number, links: Int32Array): boolean {
  for (let at = startOf(stream, block); at <= endOf(stream, block); at++) {
    if ((links[at] ?? -1) >= 0) return false;
  }
  return true;
}

/** The block of the base that the last linked item of a side's block belongs to. */
function baseBlockOf(match: Matching, block: number): number | undefined {
  for (let at = endOf(match.side, block); at >= startOf(match.side, block); at--) {
    const linked = match.toBase[at] ?? -1;
    if (linked >= 0) return match.base.blockOf[linked];
  }
  return undefined;
}

function pairGroup(
  match: Matching,
  one: readonly number[],
  two: readonly number[],
  base: readonly Block[],
  side: readonly Block[],
): void {
  if (one.length === 0 || two.length === 0) return;
  if (one.length === two.length) {
    one.forEach((block, index) => {
      linkEdges(match, block, two[index] ?? 0);
    });
    return;
  }
  const intern = createInterner();
  const kindOf = (block: Block | undefined) => intern(block?.shell.type ?? '');
  const [kinds, others] = [one.map((block) => kindOf(base[block])), two.map((block) => kindOf(side[block]))];
  for (const { a, b, length } of align(kinds, others)) {
    for (let step = 0; step < length; step++) linkEdges(match, one[a + step] ?? 0, two[b + step] ?? 0);
  }
}
