import { describe, expect, it } from 'vitest';
import { beside, layOut } from '../../src/cli/marked.ts';
import { widthOf } from '../../src/cli/text.ts';

describe('a text laid out in a column', () => {
  it('breaks between words, and keeps a mark with its word', () => {
    expect(layOut([{ text: 'one two ' }, { text: '{+three+}' }, { text: '. four' }], 12)).toEqual([
      'one two',
      '{+three+}.',
      'four',
    ]);
  });

  it('cuts a word that is wider than the column, and no wider line stands', () => {
    const lines = layOut([{ text: `see https://example.org/${'x'.repeat(50)} there` }], 16);
    expect(lines.join('').replaceAll(' ', '')).toBe(`seehttps://example.org/${'x'.repeat(50)}there`);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(16);
  });

  it('counts two columns for a sign that takes two, and never cuts one', () => {
    const lines = layOut([{ text: '日本語の長い文章は空白なしで続く' }], 9);
    expect(lines[0]).toBe('日本語の');
    expect(Math.max(...lines.map(widthOf))).toBe(8);
    expect([widthOf('e\u0301'), widthOf('👍'), widthOf('ｱ'), widthOf('한')]).toEqual([1, 2, 1, 2]);
  });

  it('keeps the line ends of a text', () => {
    expect(layOut([{ text: 'one\ntwo' }], 40)).toEqual(['one', 'two']);
  });

  it('writes out what would move the cursor', () => {
    expect(layOut([{ text: 'a\u001b[2Jb\u202e' }], 40)).toEqual(['a\\u001b[2Jb\\u202e']);
  });

  it('stands beside others, each column as wide as it was given', () => {
    expect(beside([['a', 'b'], ['c'], ['d']], [3, 3, 3], ' | ')).toBe('a   | c   | d\nb   |     |');
  });
});
