import { describe, expect, it } from 'vitest';
import type { Kept } from '../../src/documents/kept.ts';
import { chooseKept } from '../../src/evidence/choose-kept.ts';

const entry = (key: string, second: number, more: Partial<Kept> = {}): Kept => ({
  key,
  at: new Date(Date.UTC(2026, 2, 1, 4, 5, second)),
  revision: null,
  version: null,
  origin: 'save',
  device: null,
  bytes: 10,
  kind: 'document',
  apart: null,
  ...more,
});
const KEPT = [
  entry('u4', 40, { kind: 'update', origin: 'push', apart: 'foreign-client' }),
  entry('u3', 30, { revision: '7', version: '4' }),
  entry('v1', 30, { revision: '6', version: '3', kind: 'content' }),
  entry('u2', 20, { revision: '5', version: '2' }),
  entry('u1', 10, { revision: '5', version: '1' }),
];
const keys = (...parameters: Parameters<typeof chooseKept>) =>
  chooseKept(...parameters).map(({ key }) => key);
const at = (second: number) => ({ at: new Date(Date.UTC(2026, 2, 1, 4, 5, second)) });

describe('the version that is meant', () => {
  it('by time is what the document was then: not what was sent, nor what was refused', () => {
    expect([9, 10, 29, 30, 59].map((second) => keys(KEPT, at(second), true)[0])).toEqual([
      undefined,
      'u1',
      'u2',
      'u3',
      'u3',
    ]);
  });

  it('by revision is every content that bore it, what was sent included', () => {
    expect(keys(KEPT, { revision: '6', renumbered: [] }, true)).toEqual(['v1']);
    expect(keys(KEPT, { revision: '5', renumbered: [] }, true)).toEqual(['u2', 'u1']);
  });

  it('by a revision that was raised without a change is the content of that time', () => {
    expect(keys(KEPT, { revision: '8', renumbered: ['4'] }, true)).toEqual(['u3']);
  });

  it('by our number, where the application has none', () => {
    expect(keys(KEPT, { revision: '3', renumbered: [] }, false)).toEqual(['v1']);
  });
});
