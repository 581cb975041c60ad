import { align } from '../align.ts';
import type { BlockPairs } from './pair-blocks.ts';
import { type Stream, startOf, tokenAt } from './stream.ts';

/** What is being found out about one side: links between its items and those of the base, both ways. */
export interface Matching {
  readonly base: Stream;
  readonly side: Stream;
  readonly toSide: Int32Array;
  readonly toBase: Int32Array;
}

/** Links tokens: those of equal blocks one by one, those of moved blocks within the pair, the others in order. */
export function matchTokens(match: Matching, { same, moved }: BlockPairs): void {
  const [movedBase, movedSide] = [
    new Set(moved.map(({ base }) => base)),
    new Set(moved.map(({ side }) => side)),
  ];
  for (const pair of moved) matchRange(match, [pair.base], [pair.side]);
  let [base, side] = [0, 0];
  const end = { base: match.base.tokens.length, side: match.side.tokens.length };
  for (const pair of [...same, end]) {
    matchRange(match, rangeWithout(base, pair.base, movedBase), rangeWithout(side, pair.side, movedSide));
    if (pair !== end) linkWhole(match, pair.base, pair.side);
    [base, side] = [pair.base + 1, pair.side + 1];
  }
}

function rangeWithout(from: number, to: number, without: ReadonlySet<number>): readonly number[] {
  const range: number[] = [];
  for (let block = from; block < to; block++) if (!without.has(block)) range.push(block);
  return range;
}

function linkWhole(match: Matching, base: number, side: number): void {
  const [from, to] = [startOf(match.base, base), startOf(match.side, side)];
  const count = (match.base.tokens[base]?.length ?? 0) + 2;
  for (let step = 0; step < count; step++) link(match, from + step, to + step);
}

export function link({ toSide, toBase }: Matching, base: number, side: number): void {
  toSide[base] = side;
  toBase[side] = base;
}

function matchRange(match: Matching, baseBlocks: readonly number[], sideBlocks: readonly number[]): void {
  const [one, two] = [placesIn(match.base, baseBlocks), placesIn(match.side, sideBlocks)];
  if (one.length === 0 || two.length === 0) return;
  const keys = (stream: Stream, places: readonly number[]) =>
    places.map((at) => tokenAt(stream, at)?.key ?? 0);
  for (const { a, b, length } of align(keys(match.base, one), keys(match.side, two))) {
    for (let step = 0; step < length; step++) link(match, one[a + step] ?? 0, two[b + step] ?? 0);
  }
  dropChance(match, one);
  linkAtoms(match, one, two);
}

function placesIn(stream: Stream, blocks: readonly number[]): readonly number[] {
  const places: number[] = [];
  for (const block of blocks) {
    const start = startOf(stream, block) + 1;
    const count = stream.tokens[block]?.length ?? 0;
    for (let step = 0; step < count; step++) places.push(start + step);
  }
  return places;
}

/** Two blocks as far as tokens link them. */
interface Bond {
  readonly base: number;
  readonly side: number;
  readonly places: number[];
  words: number;
}

/**
 * Undoes links between two blocks that have next to nothing in common: a few common words or signs that the shortest
 * script took because they were there. Each block's best partner stays, and so does any pair that shares a good part.
 */
function dropChance(match: Matching, places: readonly number[]): void {
  const bonds = bondsAmong(match, places);
  if (bonds.length < 2) return;
  const [bestOfBase, bestOfSide] = [new Map<number, Bond>(), new Map<number, Bond>()];
  for (const bond of bonds) {
    if (bond.words > (bestOfBase.get(bond.base)?.words ?? -1)) bestOfBase.set(bond.base, bond);
    if (bond.words > (bestOfSide.get(bond.side)?.words ?? -1)) bestOfSide.set(bond.side, bond);
  }
  const count = repeatsOf(match, places);
  for (const bond of bonds) {
    if (bestOfBase.get(bond.base) === bond && bestOfSide.get(bond.side) === bond) continue;
    if (isChance(match, bond, count)) for (const at of bond.places) unlink(match, at);
  }
}

function bondsAmong(match: Matching, places: readonly number[]): readonly Bond[] {
  const bonds = new Map<number, Bond>();
  for (const at of places) {
    const other = match.toSide[at] ?? -1;
    if (other < 0) continue;
    const [base, side] = [match.base.blockOf[at] ?? 0, match.side.blockOf[other] ?? 0];
    const key = base * match.side.tokens.length + side;
    const bond = bonds.get(key) ?? { base, side, places: [], words: 0 };
    bond.places.push(at);
    if (tokenAt(match.base, at)?.isWord === true) bond.words += 1;
    bonds.set(key, bond);
  }
  return [...bonds.values()];
}

/** Fewer shared words than this part of the smaller block are chance, if each of them also stands elsewhere. */
const CHANCE = 0.5;

function isChance(match: Matching, bond: Bond, count: ReadonlyMap<number, number>): boolean {
  const smaller = Math.min(wordCount(match.base, bond.base), wordCount(match.side, bond.side));
  if (bond.words > 0 && bond.words >= smaller * CHANCE) return false;
  return bond.places.every((at) => {
    const token = tokenAt(match.base, at);
    return (
      token === undefined || (!token.isWord && token.atom === undefined) || (count.get(token.key) ?? 0) > 1
    );
  });
}

function wordCount(stream: Stream, block: number): number {
  return (stream.tokens[block] ?? []).filter(({ isWord }) => isWord).length;
}

function repeatsOf(match: Matching, places: readonly number[]): ReadonlyMap<number, number> {
  const count = new Map<number, number>();
  for (const at of places) {
    const key = tokenAt(match.base, at)?.key;
    if (key !== undefined) count.set(key, (count.get(key) ?? 0) + 1);
  }
  return count;
}

function unlink(match: Matching, base: number): void {
  match.toBase[match.toSide[base] ?? 0] = -1;
  match.toSide[base] = -1;
}

/** Nodes in text of which only attributes differ, between the same neighbours, are one node that changed. */
function linkAtoms(match: Matching, one: readonly number[], two: readonly number[]): void {
  const loose = new Map<string, { base: number[]; side: number[] }>();
  const collect = (places: readonly number[], of: 'base' | 'side') => {
    const [stream, links] = of === 'base' ? [match.base, match.toSide] : [match.side, match.toBase];
    let before = -1;
    for (const at of places) {
      const linked = links[at] ?? -1;
      const atom = tokenAt(stream, at)?.atom;
      if (linked >= 0) before = of === 'base' ? at : linked;
      else if (atom !== undefined) {
        const key = `${before} ${JSON.stringify([atom.type, atom.content ?? null])}`;
        const group = loose.get(key) ?? { base: [], side: [] };
        group[of].push(at);
        loose.set(key, group);
      }
    }
  };
  collect(one, 'base');
  collect(two, 'side');
  for (const { base, side } of loose.values()) {
    if (base.length !== side.length) continue;
    base.forEach((at, index) => {
      link(match, at, side[index] ?? 0);
    });
  }
}
