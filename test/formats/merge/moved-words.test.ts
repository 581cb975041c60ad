import { describe, expect, it } from 'vitest';
import { merge3, readLegacy, writeLegacy } from '../../../src/formats/index.ts';
import { blocks, p } from './nodes.ts';

function mergedText(base: string, ours: string, theirs: string): readonly [text: string, reasons: string] {
  const { content, reasons } = merge3(
    readLegacy('text', base),
    readLegacy('text', ours),
    readLegacy('text', theirs),
  );
  return [writeLegacy(content), reasons.join()];
}

function mergedBlocks(base: readonly string[], ours: readonly string[], theirs: readonly string[]) {
  const read = (texts: readonly string[]) =>
    readLegacy('prosemirror', JSON.stringify({ type: 'doc', content: texts.map((text) => p(text)) }));
  const { content, reasons } = merge3(read(base), read(ours), read(theirs));
  return { content: (content.value as { content: unknown }).content, reasons };
}

describe('a word that one side moved by itself', () => {
  it('stands where it was put though the other side deleted it, and a person is asked', () => {
    const { content, reasons } = mergedBlocks(
      ['the quick fox', 'jumps over it'],
      ['the fox', 'jumps quick over it'],
      ['the fox', 'jumps over it'],
    );
    expect(content).toEqual(blocks(p('the fox'), p('jumps quick over it')));
    expect(reasons).toContain('deleted-stands');
    expect(mergedText('the quick fox\nend\n', 'the fox\nend quick\n', 'the fox\nend\n')).toEqual([
      'the fox\nend quick\n',
      'deleted-stands,same-block',
    ]);
  });

  it('may stand in both places where the other side moved it as well, and a person is asked', () => {
    const [text, reasons] = mergedText(
      'one quick two\nthree\nfour\n',
      'one two\nquick three\nfour\n',
      'one two\nthree\nfour quick\n',
    );
    expect(text).toBe('one two\nquick three\nfour quick\n');
    expect(reasons).toContain('both-moved');
  });

  it('asks nobody where a side wrote one more of a word that the other deleted', () => {
    expect(mergedText('the fox\nend\n', 'the fox\nend of the way\n', 'fox\nend\n')).toEqual([
      'fox\nend of the way\n',
      '',
    ]);
  });

  it('asks nobody where both deleted it, or one of several', () => {
    expect(mergedText('a b c\nd\n', 'a c\nd\n', 'a c\nd e\n')).toEqual(['a c\nd e\n', 'same-block']);
    expect(mergedText('the a\nthe b\nc\n', 'a\nthe b\nc\n', 'the a\nb\nc\n')[1]).toBe('');
  });
});
