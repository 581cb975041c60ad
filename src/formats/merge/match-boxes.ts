import { align } from '../align.ts';
import { createInterner } from '../tokens.ts';
import { type Box, boxesAround, TOP } from './flat.ts';
import { type Matches, NOWHERE, type SideMatch } from './match-side.ts';
import { startOf } from './stream.ts';

/** A box of the merge, and what it is in each document; at least one has it. */
export interface BoxTrace {
  readonly base: number | undefined;
  ours: number | undefined;
  theirs: number | undefined;
}

/** The boxes of all three documents, each once, numbered. */
export interface BoxMatches {
  readonly traces: readonly BoxTrace[];
  /** The number of each box of a side. */
  readonly ofOurs: readonly number[];
  readonly ofTheirs: readonly number[];
}

/** Boxes are the same if the same blocks stand in them: each linked block votes for those around it. */
export function matchBoxes(matches: Matches): BoxMatches {
  const { base, ours, theirs } = matches;
  const traces: BoxTrace[] = base.boxes.map((_, index) => ({
    base: index,
    ours: undefined,
    theirs: undefined,
  }));
  const basePairs = (side: SideMatch) =>
    votesFor(linkedBlocks(matches, side), base.boxes, side.flat.boxes, () => true);
  const number = (side: 'ours' | 'theirs', known: ReadonlyMap<number, number>) =>
    matches[side].flat.boxes.map((_, index) => {
      const trace = traces[known.get(index) ?? NOWHERE];
      if (trace === undefined)
        return traces.push({ base: undefined, ours: undefined, theirs: undefined, [side]: index }) - 1;
      trace[side] = index;
      return known.get(index) ?? NOWHERE;
    });
  const ofOurs = number('ours', basePairs(ours));
  const known = new Map(basePairs(theirs));
  const isNew = (one: number, two: number) => (ofOurs[one] ?? 0) >= base.boxes.length && !known.has(two);
  const both = votesFor(linkedInBoth(matches), ours.flat.boxes, theirs.flat.boxes, isNew);
  for (const [two, one] of both) known.set(two, ofOurs[one] ?? NOWHERE);
  return { traces, ofOurs, ofTheirs: number('theirs', known) };
}

/** The parents of a block in two documents. */
type Parents = readonly [number, number];

function linkedBlocks({ base, stream }: Matches, side: SideMatch): readonly Parents[] {
  return base.blocks.flatMap(({ parent }, block) => {
    const other = parentOf(side, side.toSide[startOf(stream, block)] ?? NOWHERE);
    return other === undefined ? [] : [[parent, other] as const];
  });
}

function linkedInBoth({ base, stream, ours, theirs }: Matches): readonly Parents[] {
  return base.blocks.flatMap((_, block) => {
    const start = startOf(stream, block);
    const one = parentOf(ours, ours.toSide[start] ?? NOWHERE);
    const two = parentOf(theirs, theirs.toSide[start] ?? NOWHERE);
    return one === undefined || two === undefined ? [] : [[one, two] as const];
  });
}

function parentOf(side: SideMatch, start: number): number | undefined {
  return side.flat.blocks[side.stream.blockOf[start] ?? NOWHERE]?.parent;
}

/** For boxes of the second document the one of the first that has most blocks in common, each once. */
function votesFor(
  linked: readonly Parents[],
  first: readonly Box[],
  second: readonly Box[],
  may: (one: number, two: number) => boolean,
): ReadonlyMap<number, number> {
  const votes = new Map<number, { one: number; two: number; count: number }>();
  for (const [one, two] of linked) {
    if (one === TOP || two === TOP) continue;
    for (const pair of pairPaths(first, boxesAround(first, one), second, boxesAround(second, two))) {
      if (!may(pair.one, pair.two)) continue;
      const key = pair.one * second.length + pair.two;
      const vote = votes.get(key) ?? { ...pair, count: 0 };
      vote.count += 1;
      votes.set(key, vote);
    }
  }
  const sorted = [...votes.values()].sort((a, b) => b.count - a.count || a.one - b.one || a.two - b.two);
  const [paired, taken] = [new Map<number, number>(), new Set<number>()];
  for (const { one, two } of sorted) {
    if (paired.has(two) || taken.has(one)) continue;
    paired.set(two, one);
    taken.add(one);
  }
  return paired;
}

/** Pairs the boxes around a block, innermost first: of one type, or between such and of another type now. */
function pairPaths(
  first: readonly Box[],
  one: readonly number[],
  second: readonly Box[],
  two: readonly number[],
): readonly { one: number; two: number }[] {
  const zip = (a: readonly number[], b: readonly number[]) =>
    a.length === b.length ? a.map((index, at) => ({ one: index, two: b[at] ?? 0 })) : [];
  if (one.length === two.length) return zip(one, two);
  const intern = createInterner();
  const types = (boxes: readonly Box[], path: readonly number[]) =>
    path.map((index) => intern(boxes[index]?.shell.type ?? ''));
  const pairs: { one: number; two: number }[] = [];
  let [a, b] = [0, 0];
  const end = { a: one.length, b: two.length, length: 0 };
  for (const match of [...align(types(first, one), types(second, two)), end]) {
    pairs.push(...zip(one.slice(a, match.a), two.slice(b, match.b)));
    [a, b] = [match.a + match.length, match.b + match.length];
    pairs.push(...zip(one.slice(match.a, a), two.slice(match.b, b)));
  }
  return pairs;
}
