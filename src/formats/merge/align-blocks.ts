import { align } from '../align.ts';
import type { Content } from '../content.ts';
import { createInterner } from '../tokens.ts';
import { blockTexts } from './block-texts.ts';

/** One block of each side, as a line of plain text, or nothing where a side has none. */
export type BlockRow = readonly (string | null)[];

/**
 * Contents side by side, a row a block: equal blocks share a row, and so do blocks at the same place between equal ones.
 * @param sides at least one; the first is what the others are held against
 */
export function alignBlocks(sides: readonly Content[]): readonly BlockRow[] {
  const [first, ...others] = sides.map(blockTexts);
  if (first === undefined) return [];
  const intern = createInterner();
  const numbers = (texts: readonly string[]) => texts.map((text) => intern(text));
  const placed = others.map((texts) => placeBeside(numbers(first), numbers(texts), texts));
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

function placeBeside(
  first: readonly number[],
  side: readonly number[],
  texts: readonly string[],
): readonly Place[] {
  const places: Place[] = Array.from({ length: first.length + 1 }, () => ({ paired: null, before: [] }));
  let [a, b] = [0, 0];
  for (const match of [...align(first, side), { a: first.length, b: side.length, length: 0 }]) {
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
