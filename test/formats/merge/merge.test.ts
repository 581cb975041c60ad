import { describe, expect, it } from 'vitest';
import { merge3, readLegacy } from '../../../src/formats/index.ts';
import type { JsonObject } from '../../../src/formats/json.ts';
import {
  blocks,
  blocksOf,
  doc,
  h,
  image,
  li,
  list,
  marked,
  merged,
  node,
  p,
  quote,
  row,
  table,
} from './nodes.ts';

type Blocks = readonly JsonObject[];

/** Holds whichever side is which. */
function bothWays(base: Blocks, one: Blocks, two: Blocks, wanted: Blocks, reasons: readonly string[]): void {
  for (const merge of [merged(base, one, two), merged(base, two, one)]) {
    expect(blocksOf(merge)).toEqual(blocks(...wanted));
    expect(merge.reasons).toEqual(reasons);
  }
}

const TWO = [p('one two three four'), p('five six seven eight')];

describe('text that both sides changed', () => {
  it('in different blocks is clean', () => {
    bothWays(
      TWO,
      [p('one two x three four'), p('five six seven eight')],
      [p('one two three four'), p('five six seven')],
      [p('one two x three four'), p('five six seven')],
      [],
    );
  });

  it('in one block is merged word by word, and noticed', () => {
    const merge = merged(
      [p('one two three four')],
      [p('zero one two three four')],
      [p('one two three and four')],
    );
    expect(blocksOf(merge)).toEqual(blocks(p('zero one two three and four')));
    expect([merge.class, merge.reasons]).toEqual(['notice', ['same-block']]);
    expect(merge.words).toEqual({ base: 4, ours: 5, theirs: 5, result: 6 });
  });

  it('in one gap stands twice, ours first, for a person to look at', () => {
    const merge = merged([p('one two')], [p('one two red')], [p('one two blue')]);
    expect(blocksOf(merge)).toEqual(blocks(p('one two red blue')));
    expect([merge.class, merge.reasons]).toEqual(['needs-review', ['same-block', 'same-gap']]);
  });

  it('in the same way stands once', () => {
    bothWays(
      TWO,
      [p('one two x three four'), p('five six seven eight')],
      [p('one two x three four y'), p('five six seven eight')],
      [p('one two x three four y'), p('five six seven eight')],
      ['same-block'],
    );
  });

  it('keeps words apart that stood apart on each side', () => {
    const merge = merged([p('one two three')], [p('one two red')], [p('one three')]);
    expect(blocksOf(merge)).toEqual(blocks(p('one red')));
  });

  it('is kept one version after the other where both rewrote the block', () => {
    const merge = merged(
      [p('one two three four')],
      [p('all of this is new')],
      [p('something else entirely stands here')],
    );
    expect(blocksOf(merge)).toEqual(
      blocks(p('all of this is new'), p('something else entirely stands here')),
    );
    expect(merge.reasons).toContain('both-rewrote');
  });

  it('is kept one version after the other where one side kept common words only, among more of its own', () => {
    const merge = merged(
      [p('The first paragraph of the essay.')],
      [p('Legacy wrote something new here.')],
      [p('The device typed quite another paragraph instead of it.')],
    );
    expect(blocksOf(merge)).toEqual(
      blocks(p('Legacy wrote something new here.'), p('device typed quite another instead it')),
    );
    expect([merge.class, merge.reasons]).toEqual(['needs-review', ['both-rewrote', 'same-block']]);
  });

  it('is kept in one block where a second one may not stand', () => {
    const title = (text: string) => node('title', {}, text);
    const merge = merged(
      [title('one two three'), p('text')],
      [title('all new'), p('text')],
      [title('something else'), p('text')],
    );
    expect(blocksOf(merge)).toEqual(blocks(title('all new something else'), p('text')));
  });

  it('keeps its own paragraph where the other side deleted the block', () => {
    const [first, second] = TWO as [JsonObject, JsonObject];
    bothWays(
      [first, second],
      [second],
      [p('one two and three four'), second],
      [p('and'), second],
      ['edit-in-deleted'],
    );
  });

  it('never parts a surrogate pair, nor a word whose marks change inside', () => {
    const half = [marked('wo', 'strong'), 'rd and 😀👍 more'] as const;
    bothWays(
      [p('word and 😀👍 more')],
      [p(...half)],
      [p('word and 😀🎉👍 more')],
      [p(marked('wo', 'strong'), 'rd and 😀🎉👍 more')],
      ['same-block'],
    );
  });
});

describe('blocks', () => {
  it('split on one side are split, with the words of the other in their half', () => {
    bothWays(
      [p('one two three four')],
      [p('one two'), p('three four')],
      [p('one x two three y four')],
      [p('one x two'), p('three y four')],
      ['same-block'],
    );
  });

  it('joined on one side are joined, with the words of the other', () => {
    bothWays(
      TWO,
      [p('one two three four five six seven eight')],
      [p('one two three x four'), p('five y six seven eight')],
      [p('one two three x four five y six seven eight')],
      ['same-block'],
    );
  });

  it('stay apart where the other side put a block between those that were joined', () => {
    bothWays(
      TWO,
      [p('one two three four five six seven eight')],
      [p('one two three four'), p('between'), p('five six seven eight')],
      [p('one two three four'), p('between'), p('five six seven eight')],
      [],
    );
  });

  it('moved on one side take along what the other typed in them', () => {
    const third = p('nine ten');
    bothWays(
      [...TWO, third],
      [p('five six seven eight'), third, p('one two three four')],
      [p('one two x three four'), p('five six seven eight'), third],
      [p('five six seven eight'), third, p('one two x three four')],
      [],
    );
  });

  it('moved by both stand where ours put them, for a person to look at', () => {
    const [a, b, c, d] = [p('one two'), p('three four'), p('five six'), p('seven eight')];
    const merge = merged([a, b, c, d], [b, a, c, d], [b, c, d, a]);
    expect(blocksOf(merge)).toEqual(blocks(b, a, c, d));
    expect(merge.reasons).toEqual(['both-moved']);
  });

  it('wrapped, indented or retyped on one side hold the words of the other', () => {
    bothWays(
      TWO,
      [quote(...TWO)],
      [p('one x two three four'), p('five six seven eight')],
      [quote(p('one x two three four'), p('five six seven eight'))],
      [],
    );
    bothWays(
      [list(li(p('one')), li(p('two three')))],
      [list(li(p('one'), list(li(p('two three')))))],
      [list(li(p('one')), li(p('two x three')))],
      [list(li(p('one'), list(li(p('two x three')))))],
      [],
    );
    bothWays(
      [p('one two')],
      [h(2, 'one two')],
      [p('one two three')],
      [h(2, 'one two three')],
      ['same-block'],
    );
  });

  it('made by both alike stand once', () => {
    const made = p('a new block');
    bothWays(TWO, [...TWO, made], [...TWO, made, p('and another')], [...TWO, made, p('and another')], []);
  });
});

describe('lists and tables', () => {
  it('take an item that one side added to a list that the other wrapped or made another', () => {
    const item = (text: string) => li(p(text));
    bothWays(
      [list(item('one'), item('two'))],
      [quote(list(item('one'), item('two')))],
      [list(item('one'), item('new'), item('two'))],
      [quote(list(item('one'), item('new'), item('two')))],
      [],
    );
    const tasks = (...texts: readonly string[]) =>
      node('task_list', {}, ...texts.map((text) => node('task_item', { done: false }, p(text))));
    bothWays(
      [list(item('one'), item('two'))],
      [tasks('one', 'two')],
      [list(item('one'), item('new'), item('two'))],
      [tasks('one', 'new', 'two')],
      [],
    );
  });

  it('keep rows whole: text typed into a deleted row goes to the cell before it', () => {
    const merge = merged(
      [table(row('a', 'b'), row('c', 'd'), row('e', 'f'))],
      [table(row('a', 'b'), row('e', 'f'))],
      [table(row('a', 'b'), row('c', 'd typed'), row('e', 'f'))],
    );
    const after = node(
      'table_row',
      {},
      node('table_cell', {}, p('a')),
      node('table_cell', {}, p('b'), p('typed')),
    );
    expect(blocksOf(merge)).toEqual(blocks(table(after, row('e', 'f'))));
    expect(merge.reasons).toEqual(['edit-in-deleted']);
  });

  it('leave text typed into a deleted table or list a paragraph of its own', () => {
    bothWays(
      [p('before'), table(row('a', 'b')), p('after')],
      [p('before'), p('after')],
      [p('before'), table(row('a', 'b typed')), p('after')],
      [p('before'), p('typed'), p('after')],
      ['edit-in-deleted'],
    );
  });

  it('begin an item with a paragraph where only its list was left', () => {
    const inner = list(li(p('two')));
    bothWays(
      [list(li(p('one'), inner)), p('end')],
      [list(li(p('two'))), p('end')],
      [list(li(p('one'), list(li(p('two')), li(p('three'))))), p('end')],
      [list(li(p('two')), li(p('three'))), p('end')],
      [],
    );
  });
});

describe('marks and attributes', () => {
  it('of both sides come together', () => {
    bothWays(
      [p('one two')],
      [p('one ', marked('two', 'strong'))],
      [p('one ', marked('two', 'em'))],
      [p('one ', marked('two', 'em', 'strong'))],
      ['same-block'],
    );
    bothWays(
      [p(image({ src: '/a.png', alt: 'old' }), ' text')],
      [p(image({ src: '/b.png', alt: 'old' }), ' text')],
      [p(image({ src: '/a.png', alt: 'new' }), ' text')],
      [p(image({ src: '/b.png', alt: 'new' }), ' text')],
      ['same-block'],
    );
  });

  it('set to two values are ours, for a person to look at', () => {
    const merge = merged([h(1, 'one')], [h(2, 'one')], [h(3, 'one')]);
    expect(blocksOf(merge)).toEqual(blocks(h(2, 'one')));
    expect(merge.reasons).toEqual(['attribute-clash', 'same-block']);
    expect(merged([p('a')], [h(1, 'a')], [node('code_block', {}, 'a')]).reasons).toContain('type-clash');
  });

  it('of the top node and unknown keys are merged, too', () => {
    const top = (attrs: JsonObject, note: string) =>
      readLegacy('prosemirror', JSON.stringify({ type: 'doc', attrs, note, content: [p('one')] }));
    const merge = merge3(
      top({ lang: 'en' }, 'a'),
      top({ lang: 'de' }, 'a'),
      top({ lang: 'en', dir: 'rtl' }, 'b'),
    );
    expect(merge.content.canonical).toBe(top({ lang: 'de', dir: 'rtl' }, 'b').canonical);
  });

  it('that code cannot hold go where one side made the block code', () => {
    const merge = merged(
      [p('one two')],
      [node('code_block', {}, 'one two')],
      [p('one ', marked('two', 'strong'))],
    );
    expect(blocksOf(merge)).toEqual(blocks(node('code_block', {}, 'one two')));
  });
});

describe('a merge', () => {
  it('of one change is that change, and clean', () => {
    const [base, side] = [doc(...TWO), doc(p('one'))];
    for (const merge of [merge3(base, side, base), merge3(base, base, side), merge3(base, side, side)]) {
      expect(merge).toMatchObject({ content: side, class: 'clean', reasons: [] });
    }
  });

  it('asks for a look where a side lost most of its words', () => {
    const merge = merged(TWO, [p('one')], [...TWO, p('more')]);
    expect(merge.reasons).toContain('side-shrank');
  });

  it('asks for a look where a passage stands more often than on either side', () => {
    const passage = 'this very passage was taken along';
    const merge = merged(
      [p('a b c'), p('d e f')],
      [p(`a ${passage} b c`), p('d e f')],
      [p('a b c'), p(`d ${passage} e f`)],
    );
    expect(merge.reasons).toEqual(['repeated-words']);
  });

  it('leaves an empty paragraph where the sides together deleted all', () => {
    bothWays(TWO, [p('one two three four')], [p('five six seven eight')], [p()], []);
  });
});
