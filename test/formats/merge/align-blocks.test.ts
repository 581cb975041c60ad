import { describe, expect, it } from 'vitest';
import { alignBlocks, readLegacy } from '../../../src/formats/index.ts';
import { doc, image, li, list, p } from './nodes.ts';

describe('contents side by side', () => {
  it('have a row for each block: equal ones together, changed ones together, new ones alone', () => {
    const base = doc(p('one'), p('two'), p('three'));
    const ours = doc(p('one'), p('two changed'), p('three'));
    const theirs = doc(p('zero'), p('one'), p('two'));
    expect(alignBlocks([base, ours, theirs])).toEqual([
      [null, null, 'zero'],
      ['one', 'one', 'one'],
      ['two', 'two changed', 'two'],
      ['three', 'three', null],
    ]);
  });

  it('show nested blocks on one line, and name what is no text', () => {
    const one = doc(list(li(p('one')), li(p('two', image({ src: '/a.png' })))), p());
    expect(alignBlocks([one])).toEqual([['one two [image]'], ['']]);
  });

  it('hold every block of every side, in order', () => {
    const sides = [doc(p('a'), p('b')), doc(p('x'), p('y'), p('b'), p('z')), doc(p('q'))];
    const rows = alignBlocks(sides);
    const column = (index: number) => rows.map((row) => row[index]).filter((text) => text !== null);
    expect([column(0), column(1), column(2)]).toEqual([['a', 'b'], ['x', 'y', 'b', 'z'], ['q']]);
  });

  it('put an edited block beside what it was made from, whatever came in before it', () => {
    const base = doc(p('first'), p('the words that survive'), p('last'));
    const ours = doc(p('first'), p('new one'), p('new two'), p('the words that survive here'), p('last'));
    const theirs = doc(p('first'), p('the last words that survive'), p('new three'), p('last'));
    expect(alignBlocks([base, ours, theirs])).toEqual([
      ['first', 'first', 'first'],
      [null, 'new one', null],
      [null, 'new two', null],
      ['the words that survive', 'the words that survive here', 'the last words that survive'],
      [null, null, 'new three'],
      ['last', 'last', 'last'],
    ]);
  });

  it('that are too many to be held against each other are paired by place', () => {
    const many = (word: string) => doc(...Array.from({ length: 300 }, (_, index) => p(`${word} ${index}`)));
    const rows = alignBlocks([many('a'), many('b')]);
    expect(rows.length).toBe(300);
    expect(rows[7]).toEqual(['a 7', 'b 7']);
  });

  it('of plain text, Markdown and Quill are lines', () => {
    expect(alignBlocks([readLegacy('text', 'a\nb\n'), readLegacy('text', 'a\nc')])).toEqual([
      ['a', 'a'],
      ['b', 'c'],
    ]);
    const quill = readLegacy(
      'quill',
      JSON.stringify([{ insert: 'a' }, { insert: { image: '/b' } }, { insert: '\n' }]),
    );
    expect(alignBlocks([quill])).toEqual([['a[image]']]);
  });
});
