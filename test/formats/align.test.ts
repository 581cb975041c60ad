import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/formats/align.ts';

const tokens = fc.array(fc.nat(6), { maxLength: 40 });

describe('aligning two sequences', () => {
  it('pairs equal items only, in order, each once', () => {
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        let [nextA, nextB] = [0, 0];
        for (const match of align(a, b)) {
          expect(match.a >= nextA && match.b >= nextB && match.length > 0).toBe(true);
          expect(b.slice(match.b, match.b + match.length)).toEqual(a.slice(match.a, match.a + match.length));
          [nextA, nextB] = [match.a + match.length, match.b + match.length];
        }
        expect(nextA <= a.length && nextB <= b.length).toBe(true);
      }),
    );
  });

  it('finds as much in common as there is, for short sequences', () => {
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        const found = align(a, b).reduce((sum, match) => sum + match.length, 0);
        expect(found).toBe(longestCommon(a, b));
      }),
    );
  });

  it('finds what is unique in both between very many differences', () => {
    const a = Array.from({ length: 3_000 }, (_, index) => (index % 10 === 0 ? index : 1_000_000 + index));
    const b = Array.from({ length: 3_000 }, (_, index) => (index % 10 === 0 ? index : 2_000_000 + index));
    expect(align(a, b)).toHaveLength(300);
  });
});

/** The textbook table. */
function longestCommon(a: readonly number[], b: readonly number[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const item of a) {
    const next = [0];
    for (const [index, other] of b.entries()) {
      next.push(item === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
