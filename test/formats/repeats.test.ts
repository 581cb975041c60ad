import { describe, expect, test } from 'vitest';
import { contentOf, isTwice, repeats, runsIn } from '../../src/formats/index.ts';

const paragraphs = (...texts: readonly string[]) =>
  contentOf('prosemirror', {
    type: 'doc',
    content: texts.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
  });
const rules = (count: number) =>
  contentOf('prosemirror', {
    type: 'doc',
    content: Array.from({ length: count }, () => ({ type: 'image', attrs: { src: 'a.png' } })),
  });

describe('a document that was filled twice', () => {
  test.each([
    ['block after block', paragraphs('one two', 'three', 'one two', 'three'), paragraphs('one two', 'three')],
    [
      'and typed into since',
      paragraphs('one two now', 'three', 'one two', 'three', 'new'),
      paragraphs('one two', 'three'),
    ],
    ['with images alone', rules(2), rules(1)],
    [
      'of plain text',
      contentOf('text', 'one two\nthree\none two\nthree\n'),
      contentOf('text', 'one two\nthree\n'),
    ],
    [
      'of Quill',
      contentOf('quill', { ops: [{ insert: 'a b\na b\n' }] }),
      contentOf('quill', { ops: [{ insert: 'a b\n' }] }),
    ],
  ])('is seen: %s', (_what, many, one) => {
    expect(repeats(many, one)).toBe(true);
    expect(repeats(one, many)).toBe(false);
  });

  test.each([
    [
      'one that somebody went on writing',
      paragraphs('one two three', 'four five'),
      paragraphs('one two three'),
    ],
    [
      'one with a word said twice',
      paragraphs('one two two three', 'four'),
      paragraphs('one two three', 'four'),
    ],
    ['an empty one', paragraphs('one'), contentOf('prosemirror', { type: 'doc', content: [] })],
    ['the same', paragraphs('one'), paragraphs('one')],
  ])('is not %s', (_what, many, one) => {
    expect(repeats(many, one)).toBe(false);
  });
});

describe('a document that both sides hold twice', () => {
  const before = paragraphs('the first words of a long tale', 'and those that come after it', 'to the end');

  test('is seen by what both held before', () => {
    const after = paragraphs(
      'the first words of a long tale now',
      'and those that come after it',
      'to the end',
      'the first words of a long tale',
      'and those that come after it',
      'to the end',
    );
    expect(isTwice(after, runsIn(before))).toBe(true);
  });

  test('is not one that grew, said a sentence again, or has too few words to tell', () => {
    const grown = paragraphs(
      'the first words of a long tale',
      'which goes on and on',
      'the first words of a tale',
    );
    expect(isTwice(grown, runsIn(before))).toBe(false);
    expect(isTwice(before, runsIn(before))).toBe(false);
    expect(isTwice(paragraphs('a b c', 'a b c'), runsIn(paragraphs('a b c')))).toBe(false);
  });
});
