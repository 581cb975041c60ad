import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halves, pagesOf } from '../../src/core/chunks.ts';

const bounds = { documents: 3, bytes: 10 };
const sized = fc.array(fc.nat(25)).map((sizes) => sizes.map((bytes, at) => ({ id: `d${at}`, bytes })));

describe('pagesOf', () => {
  it('loses, doubles and reorders nothing', () => {
    fc.assert(
      fc.property(sized, (items) => {
        expect(pagesOf(items, bounds).flat()).toEqual(items.map((item) => item.id));
      }),
    );
  });

  it('keeps every page within both bounds, except one document that is larger by itself', () => {
    fc.assert(
      fc.property(sized, (items) => {
        const bytes = new Map(items.map((item) => [item.id, item.bytes]));
        for (const page of pagesOf(items, bounds)) {
          const sum = page.reduce((total, id) => total + (bytes.get(id) ?? 0), 0);
          expect(page.length).toBeGreaterThan(0);
          expect(page.length).toBeLessThanOrEqual(bounds.documents);
          expect(page.length === 1 || sum <= bounds.bytes).toBe(true);
        }
      }),
    );
  });
});

describe('halves', () => {
  it('divides a page until one document is left, which has none', () => {
    expect(halves(['a', 'b', 'c'])).toEqual([['a', 'b'], ['c']]);
    expect(halves(['a', 'b'])).toEqual([['a'], ['b']]);
    expect(halves(['a'])).toBeNull();
  });
});
