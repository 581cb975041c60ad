/** Texts that share this much of their words are one block that somebody edited. */
const ALIKE = 0.4;

/** Above so many pairs, what stands at the same place is taken to be the same block: looking at all would take seconds. */
const MOST_PAIRS = 40_000;

/** Places of two blocks that are one. */
export interface AlikePair {
  readonly a: number;
  readonly b: number;
}

/**
 * Pairs of blocks that are alike, in the order of both sides, so that they share the most words: the weighted form of the
 * longest common subsequence.
 */
export function pairAlike(a: readonly string[], b: readonly string[]): readonly AlikePair[] {
  if (a.length * b.length > MOST_PAIRS) return [];
  const [bagsOfA, bagsOfB] = [a.map(wordsOf), b.map(wordsOf)];
  const likeness = bagsOfA.map((x) => bagsOfB.map((y) => likenessOf(x, y)));
  const at = (row: number, column: number) => {
    const found = likeness[row]?.[column] ?? 0;
    return found >= ALIKE ? found : 0;
  };
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const value = (row: number, column: number) => best[row * width + column] ?? 0;
  for (let row = a.length - 1; row >= 0; row--)
    for (let column = b.length - 1; column >= 0; column--)
      best[row * width + column] = Math.max(
        value(row + 1, column),
        value(row, column + 1),
        at(row, column) + value(row + 1, column + 1),
      );
  const pairs: AlikePair[] = [];
  for (let row = 0, column = 0; row < a.length && column < b.length; ) {
    const here = value(row, column);
    if (at(row, column) > 0 && here === at(row, column) + value(row + 1, column + 1))
      pairs.push({ a: row++, b: column++ });
    else if (here === value(row + 1, column)) row++;
    else column++;
  }
  return pairs;
}

function wordsOf(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.split(/\s+/u)) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** From 0, no word in common, to 1, the same words: twice the common ones by all of both. */
function likenessOf(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const sizeOf = (bag: ReadonlyMap<string, number>) =>
    [...bag.values()].reduce((sum, count) => sum + count, 0);
  const size = sizeOf(a) + sizeOf(b);
  let common = 0;
  for (const [word, count] of a) common += Math.min(count, b.get(word) ?? 0);
  return size === 0 ? 0 : (2 * common) / size;
}
