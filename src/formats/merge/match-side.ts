import { type Echoes, findEchoes } from './echoes.ts';
import type { Block, Flat } from './flat.ts';
import type { Lexicon } from './lexicon.ts';
import { matchEdges } from './match-edges.ts';
import { matchTokens } from './match-tokens.ts';
import { type BlockPair, type BlockPairs, pairBlocks } from './pair-blocks.ts';
import { createStream, type Stream } from './stream.ts';

/** One side of a merge against the base: what each item of either stream is in the other, or NOWHERE. */
export interface SideMatch {
  readonly flat: Flat;
  readonly stream: Stream;
  readonly toSide: Int32Array;
  readonly toBase: Int32Array;
  readonly moved: readonly BlockPair[];
  /** By item of the side; those items are linked to nothing. */
  readonly echoes: Echoes;
  /** By item of the base. */
  readonly echoed: ReadonlySet<number>;
}

export const NOWHERE = -1;

/** The three documents of a merge as streams, and each side matched with the base. */
export interface Matches {
  readonly base: Flat;
  readonly stream: Stream;
  /** Blocks with the same text on all sides, in order: they stand whole in the streams. */
  readonly whole: ReadonlySet<number>;
  readonly ours: SideMatch;
  readonly theirs: SideMatch;
}

export function matchSides(base: Flat, ours: Flat, theirs: Flat, lexicon: Lexicon): Matches {
  const one = pairBlocks(base.blocks, ours.blocks, lexicon);
  const two = pairBlocks(base.blocks, theirs.blocks, lexicon);
  const inOurs = new Set(one.same.map((pair) => pair.base));
  const whole = new Set(two.same.map((pair) => pair.base).filter((index) => inOurs.has(index)));
  const stream = createStream(base.blocks, lexicon, whole);
  return {
    base,
    stream,
    whole,
    ours: matchSide(base.blocks, stream, ours, one, whole, lexicon),
    theirs: matchSide(base.blocks, stream, theirs, two, whole, lexicon),
  };
}

function matchSide(
  base: readonly Block[],
  baseStream: Stream,
  flat: Flat,
  pairs: BlockPairs,
  whole: ReadonlySet<number>,
  lexicon: Lexicon,
): SideMatch {
  const wholeHere = new Set(pairs.same.filter((pair) => whole.has(pair.base)).map((pair) => pair.side));
  const stream = createStream(flat.blocks, lexicon, wholeHere);
  const toSide = new Int32Array(baseStream.length).fill(NOWHERE);
  const toBase = new Int32Array(stream.length).fill(NOWHERE);
  const match = { base: baseStream, side: stream, toSide, toBase };
  matchTokens(match, pairs);
  matchEdges(match, base, flat.blocks, pairs);
  const echoes = findEchoes(match);
  return { flat, stream, toSide, toBase, moved: pairs.moved, echoes, echoed: new Set(echoes.values()) };
}
