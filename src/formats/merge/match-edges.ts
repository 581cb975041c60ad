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
  // Loose blocks may be each other if they stand after the same item, by its place in the base.
  let before = -1;
  base.forEach((_, block) => {
    const linked = lastLinked(match.base, block, match.toSide);
    if (linked === undefined) groupOf(before).base.push(block);
    else before = linked;
  });
  before = -1;
  side.forEach((_, block) => {
    const linked = lastLinked(match.side, block, match.toBase);
    if (linked === undefined) groupOf(before).side.push(block);
    else before = match.toBase[linked] ?? -1;
  });
  for (const group of groups.values()) pairGroup(match, group.base, group.side, base, side);
}

/** The last item of a block that the other document has, too. */
function lastLinked(stream: Stream, block: number, links: Int32Array): number | undefined {
  for (let at = endOf(stream, block); at >= startOf(stream, block); at--) {
    if ((links[at] ?? -1) >= 0) return at;
  }
  return undefined;
}

/** Equal ones first; between those one by one if they are as many, else by type. */
function pairGroup(
  match: Matching,
  one: readonly number[],
  two: readonly number[],
  base: readonly Block[],
  side: readonly Block[],
): void {
  const intern = createInterner();
  const typeOf = (block: Block | undefined) => intern(block?.shell.type ?? '');
  const keyOf = (block: Block | undefined) => intern(`${block?.shell.type} ${block?.identity}`);
  const matchBy = (
    from: readonly number[],
    to: readonly number[],
    key: typeof keyOf,
    between: (gap: readonly number[], other: readonly number[]) => void,
  ) => {
    let [a, b] = [0, 0];
    const pairs = align(
      from.map((block) => key(base[block])),
      to.map((block) => key(side[block])),
    );
    for (const pair of [...pairs, { a: from.length, b: to.length, length: 0 }]) {
      between(from.slice(a, pair.a), to.slice(b, pair.b));
      for (let step = 0; step < pair.length; step++) {
        linkEdges(match, from[pair.a + step] ?? 0, to[pair.b + step] ?? 0);
      }
      [a, b] = [pair.a + pair.length, pair.b + pair.length];
    }
  };
  matchBy(one, two, keyOf, (gap, other) => {
    if (gap.length !== other.length) matchBy(gap, other, typeOf, () => undefined);
    else for (const [index, block] of gap.entries()) linkEdges(match, block, other[index] ?? 0);
  });
}
