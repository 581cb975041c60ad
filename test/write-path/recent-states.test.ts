import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRecentStates } from '../../src/write-path/recent-states.ts';

const known = (bytes: number, fill = 0) => {
  const state = new Uint8Array(bytes).fill(fill);
  return { state, hash: createHash('sha256').update(state).digest() };
};

describe('the states that were seen last', () => {
  it('are given back as they were set, the last one of a document', () => {
    const recent = createRecentStates(100);
    recent.set('a', known(10, 1));
    recent.set('a', known(10, 2));
    expect(recent.get('a')).toEqual(known(10, 2));
    expect(recent.get('b')).toBeUndefined();
  });

  it('take no more than their bytes: the one that was set longest ago goes first', () => {
    const recent = createRecentStates(100);
    for (const id of ['a', 'b', 'c']) recent.set(id, known(33));
    recent.set('a', known(33));
    recent.set('d', known(33));
    expect(['a', 'b', 'c', 'd'].filter((id) => recent.get(id) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  it('forget a document that is larger than all of them may be', () => {
    const recent = createRecentStates(100);
    recent.set('a', known(10));
    recent.set('a', known(101));
    expect(recent.get('a')).toBeUndefined();
    for (let n = 0; n < 10; n += 1) recent.set(String(n), known(10));
    expect(recent.get('0')).toBeDefined();
  });
});
