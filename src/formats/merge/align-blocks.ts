import { align, type Match } from '../align.ts';
import type { Content } from '../content.ts';
import { createInterner } from '../tokens.ts';
import { blockTexts } from './block-texts.ts';
import { pairAlike } from './pair-alike.ts';

/** One block of each side, as a line of plain text, or nothing where a side has none. */
export type BlockRow = readonly (string | null)[];

/**
 * Contents side by side, a row a block: equal blocks share a row, then those that are alike, then those at the same place
 * between them.
 * @param sides at least one; the first is what the others are held against
 */
export function alignBlocks(sides: readonly Content[]): readonly BlockRow[] {
  const [first, ...others] = sides.map(blockTexts);
  if (first === undefined) return [];
  const intern = createInterner();
  const numbers = (texts: readonly string[]) => texts.map((text) => intern(text));
  const placed = others.map((texts) => placeBeside(matchesOf(first, texts, numbers), first.length, texts));
  const rows: (string | null)[][] = [];
  for (let index = 0; index <= first.length; index++) {
    const at = placed.map((places) => places[index] ?? { paired: null, before: [] });
    const inserted = Math.max(0, ...at.map(({ before }) => before.length));
    for (let row = 0; row < inserted; row++)
      rows.push([null, ...at.map(({ before }) => before[row] ?? null)]);
    if (index < first.length) rows.push([first[index] ?? null, ...at.map(({ paired }) => paired)]);
  }
  return rows;
}

/** What one side has at a block of the first: its own block there, and those it has before. */
interface Place {
  paired: string | null;
  readonly before: string[];
}

/** Blocks that are one: the equal ones, and between those the ones that are alike. */
function matchesOf(
  first: readonly string[],
  side: readonly string[],
  numbers: (texts: readonly string[]) => readonly number[],
): readonly Match[] {
  const matches: Match[] = [];
  let [a, b] = [0, 0];
  const end = { a: first.length, b: side.length, length: 0 };
  for (const match of [...align(numbers(first), numbers(side)), end]) {
    for (const pair of pairAlike(first.slice(a, match.a), side.slice(b, match.b)))
      matches.push({ a: a + pair.a, b: b + pair.b, length: 1 });
    matches.push(match);
    [a, b] = [match.a + match.length, match.b + match.length];
  }
  return matches;
}

function placeBeside(matches: readonly Match[], length: number, texts: readonly string[]): readonly Place[] {
  const places: Place[] = Array.from({ length: length + 1 }, () => ({ paired: null, before: [] }));
  let [a, b] = [0, 0];
  for (const match of matches) {
    for (; b < match.b; b++) {
      const place = places[Math.min(a, match.a)];
      if (a < match.a && place !== undefined) place.paired = texts[b] ?? null;
      else place?.before.push(texts[b] ?? '');
      if (a < match.a) a++;
    }
    for (let step = 0; step < match.length; step++) {
      const place = places[match.a + step];
      if (place !== undefined) place.paired = texts[match.b + step] ?? null;
    }
    [a, b] = [match.a + match.length, match.b + match.length];
  }
  return places;
}
