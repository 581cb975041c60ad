import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { integrateUpdate } from '../../../src/formats/push/index.ts';
import { type Block, documentOf, EDITORS, paragraph, retext, show } from './editing.ts';
import { deviceOf, replay, SHAPE, seedOf, updateOf } from './support.ts';

/** What somebody does in an editor; numbers say where, and are taken modulo what is there. */
interface Edit {
  readonly do: 'type' | 'delete word' | 'delete block' | 'split' | 'join' | 'move' | 'wrap' | 'retype';
  readonly block: number;
  readonly at: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  do: fc.constantFrom<Edit['do'][]>(
    'type',
    'type',
    'type',
    'delete word',
    'delete block',
    'split',
    'join',
    'move',
    'wrap',
    'retype',
  ),
  block: fc.nat(99),
  at: fc.nat(99),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 3 });

const textOf = (block: Block): string => JSON.stringify(block).match(/"text":"([^"]*)"/)?.[1] ?? '';
const wordsOf = (text: string): readonly string[] => text.match(/w\d+[ab]?/g) ?? [];

/** One edit; a word typed is unique. */
function apply(blocks: readonly Block[], { do: what, block, at }: Edit, word: string): readonly Block[] {
  const index = block % blocks.length;
  const target = blocks[index];
  if (target === undefined) return blocks;
  const words = textOf(target).split(' ');
  const place = at % (words.length + 1);
  const others = (...now: readonly Block[]) => [
    ...blocks.slice(0, index),
    ...now,
    ...blocks.slice(index + 1),
  ];
  const withText = (now: readonly string[]) => retext([target], () => now.join(' '))[0] ?? target;
  switch (what) {
    case 'type':
      return others(withText(words.toSpliced(place, 0, word)));
    case 'delete word':
      return words.length < 3 ? blocks : others(withText(words.toSpliced(place, 1)));
    case 'delete block':
      return blocks.length < 3 ? blocks : others();
    case 'split':
      return place === 0 || place >= words.length || target.type !== 'paragraph'
        ? blocks
        : others(paragraph(words.slice(0, place).join(' ')), paragraph(words.slice(place).join(' ')));
    case 'join': {
      const next = blocks[index + 1];
      if (next?.type !== 'paragraph' || target.type !== 'paragraph') return blocks;
      return blocks.toSpliced(index, 2, paragraph(`${textOf(target)} ${textOf(next)}`));
    }
    case 'move':
      return others().toSpliced(at % blocks.length, 0, target);
    case 'wrap':
      return target.type !== 'paragraph' ? blocks : others({ type: 'blockquote', content: [target] });
    case 'retype':
      return target.type !== 'paragraph'
        ? blocks
        : others({ ...target, type: 'heading', attrs: { level: 1 } });
  }
}

const BASE = [0, 1, 2, 3].map((block) =>
  paragraph([0, 1, 2, 3, 4].map((word) => `w${block * 5 + word}`).join(' ')),
);

describe.each(EDITORS)(
  'a merge with a %s device that is not suspicious',
  { timeout: 600_000 },
  (_, editor) => {
    it('holds every word that a side typed or kept, once, and none that a side deleted', () => {
      const base = seedOf(documentOf(...BASE), SHAPE);
      let clean = 0;
      let wrong = 0;
      fc.assert(
        fc.property(edits, edits, (ours, theirs) => {
          const head = deviceOf(base, { client: 1 });
          const device = deviceOf(base, { client: 2 });
          const run = (doc: Y.Doc, side: 'a' | 'b', steps: readonly Edit[]) => {
            steps.forEach((step, index) => {
              show(editor, doc, (blocks) => apply(blocks, step, `w${100 + index}${side}`));
            });
            return wordsOf(JSON.stringify(doc.getXmlFragment('default')));
          };
          const kept = run(head, 'a', ours);
          const state = Y.encodeStateAsUpdate(head);
          let sent: readonly string[] = [];
          const update = updateOf(device, () => {
            sent = run(device, 'b', theirs);
          });
          const result = integrateUpdate(state, update, SHAPE, () => base);
          const isWanted = (word: string) =>
            /[ab]$/.test(word)
              ? kept.includes(word) || sent.includes(word)
              : kept.includes(word) && sent.includes(word);
          const wanted = [...new Set([...kept, ...sent])].filter(isWanted).sort();
          const content =
            result.kind === 'applied'
              ? result.content.canonical
              : JSON.stringify(head.getXmlFragment('default'));
          const isRight = JSON.stringify([...wordsOf(content)].sort()) === JSON.stringify(wanted);
          if (!('suspicious' in result)) throw new Error(result.kind);
          if (!isRight) wrong++;
          if (result.suspicious) return;
          clean++;
          expect([...wordsOf(content)].sort()).toEqual(wanted);
        }),
        replay(500),
      );
      // Else the property says nothing.
      expect(clean).toBeGreaterThan(50);
      expect(wrong).toBeGreaterThan(50);
      if (process.env.DUALPATH_FIGURES) console.log(`${clean} clean, ${wrong} wrong by Yjs alone, of 500`);
    });
  },
);
