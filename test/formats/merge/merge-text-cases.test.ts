import { describe, expect, it } from 'vitest';
import { readLegacy, writeLegacy } from '../../../src/formats/index.ts';
import { merge3 } from '../../../src/formats/merge/merge.ts';

function merged(base: string, ours: string, theirs: string): readonly [text: string, reasons: string] {
  const [one, two, three] = [base, ours, theirs].map((text) => readLegacy('text', text));
  if (one === undefined || two === undefined || three === undefined) throw new Error('There are three.');
  const { content, reasons } = merge3(one, two, three);
  return [writeLegacy(content), reasons.join()];
}

function mergedQuill(
  base: unknown,
  ours: unknown,
  theirs: unknown,
): readonly [value: unknown, reasons: string] {
  const [one, two, three] = [base, ours, theirs].map((it) => readLegacy('quill', JSON.stringify(it)));
  if (one === undefined || two === undefined || three === undefined) throw new Error('There are three.');
  const { content, reasons } = merge3(one, two, three);
  return [content.value, reasons.join()];
}

describe('two versions of a text', () => {
  it('merge cleanly where they changed different lines', () => {
    expect(merged('a\nb\nc\n', 'a one\nb\nc\n', 'a\nb\nc two\n')).toEqual(['a one\nb\nc two\n', '']);
  });

  it('merge word by word in one line, which is worth a notice', () => {
    expect(merged('a b c', 'a x b c', 'a b y c')).toEqual(['a x b y c', 'same-block']);
  });

  it('have once what both inserted alike, also where one typed on', () => {
    expect(merged('a\n', 'a foo\n', 'a foo bar\n')[0]).toBe('a foo bar\n');
  });

  it('keep both words that were written in one place, apart from each other', () => {
    expect(merged('a b c', 'a x c', 'a y c')).toEqual(['a x y c', 'same-block,same-gap']);
  });

  it('keep words typed into a deleted line, on a line of their own', () => {
    const [text, reasons] = merged('a a\nb b c\nd d\n', 'a a\nd d\n', 'a a\nb b new c\nd d\n');
    expect(text.replaceAll(' \n', '\n')).toBe('a a\nnew\nd d\n');
    expect(reasons).toContain('edit-in-deleted');
  });

  it('keep both versions of a line that both rewrote, one after the other', () => {
    expect(merged('- the old way\nend\n', '- some new plan\nend\n', '- another good idea\nend\n')).toEqual([
      '- some new plan\n- another good idea\nend\n',
      'both-rewrote,same-block',
    ]);
  });

  it('are to be reviewed where one of them lost most of its words', () => {
    expect(merged('a b c d e f g h i j\nk', 'a b\nk', 'a b c d e f g h i j\nk l')[1]).toContain(
      'side-shrank',
    );
  });
});

describe('two versions of a Quill document', () => {
  const word = (insert: string, attributes?: object) => ({ insert, ...(attributes && { attributes }) });

  it('have the formats that either side set', () => {
    const base = { ops: [word('word\n')] };
    const ours = { ops: [word('word', { bold: true }), word('\n')] };
    const theirs = { ops: [word('word', { italic: true }), word('\n', { header: 1 })] };
    const [value, reasons] = mergedQuill(base, ours, theirs);
    expect(value).toEqual({
      ops: [word('word', { bold: true, italic: true }), word('\n', { header: 1 })],
    });
    expect(reasons).toBe('same-block');
  });

  it('keep the format of ours where both set it to something else, for a review', () => {
    const coloured = (color: string) => ({ ops: [word('word', { color }), word('\n')] });
    const [value, reasons] = mergedQuill(coloured('red'), coloured('blue'), coloured('green'));
    expect(value).toEqual(coloured('blue'));
    expect(reasons).toBe('attribute-clash,same-block');
  });

  it('make a line one thing where both made it another', () => {
    const line = (attributes?: object) => ({ ops: [word('word'), word('\n', attributes)] });
    const [value, reasons] = mergedQuill(line(), line({ header: 1 }), line({ list: 'bullet' }));
    expect(value).toEqual(line({ header: 1 }));
    expect(reasons).toBe('same-block,type-clash');
  });

  it('keep an embed that one side changed and the other deleted, and both where both changed it', () => {
    const image = (name?: string) => ({
      ops: [word('a\n'), ...(name ? [{ insert: { image: name } }] : []), word('b\n')],
    });
    expect(mergedQuill(image('one'), image(), image('two'))[0]).toEqual(image('two'));
    expect(mergedQuill(image('one'), image('two'), image('three'))[0]).toEqual({
      ops: [word('a\n'), { insert: { image: 'two' } }, { insert: { image: 'three' } }, word('b\n')],
    });
  });

  it('keep their other keys, and the form of a bare list', () => {
    const ops = (text: string) => [word(text)];
    expect(
      mergedQuill({ ops: ops('a\n'), v: 1 }, { ops: ops('a b\n'), v: 1 }, { ops: ops('a\n'), v: 2 })[0],
    ).toEqual({
      ops: ops('a b\n'),
      v: 2,
    });
    expect(mergedQuill(ops('a b\n'), ops('x a b\n'), ops('a b y\n'))[0]).toEqual(ops('x a b y\n'));
  });
});
