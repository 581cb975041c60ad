import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { diffSince, integrateUpdate, replicaAt } from '../../../src/formats/push/index.ts';
import { type Block, documentOf, EDITORS, type Editor, paragraph, retext, show } from './editing.ts';
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
const wordsOf = (text: string): readonly string[] => [...(text.match(/w\d+[ab]?/g) ?? [])];

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

const shownWords = (doc: Y.Doc) => wordsOf(JSON.stringify(doc.getXmlFragment('default')));
const sorted = (words: Iterable<string>) => [...words].sort();

describe.each(EDITORS)(
  'a merge with a %s device that is not suspicious',
  { timeout: 600_000 },
  (_, editor) => {
    it('holds every word that a side typed or kept, once, and none that a side deleted', () => {
      const base = seedOf(documentOf(...BASE), SHAPE);
      const figures = { clean: 0, 'wrong by Yjs alone': 0, 'wrong and clean without the replica': 0 };
      fc.assert(
        fc.property(edits, edits, (ours, theirs) => {
          const run = (doc: Y.Doc, side: 'a' | 'b', steps: readonly Edit[]) => {
            for (const [index, step] of steps.entries())
              show(editor, doc, (blocks) => apply(blocks, step, `w${100 + index}${side}`));
            return shownWords(doc);
          };
          const head = deviceOf(base, { client: 1 });
          const device = deviceOf(base, { client: 2 });
          const kept = run(head, 'a', ours);
          const state = Y.encodeStateAsUpdate(head);
          let sent: readonly string[] = [];
          const update = updateOf(device, () => {
            sent = run(device, 'b', theirs);
          });
          const result = integrateUpdate(state, update, SHAPE, () => base);
          if (!('suspicious' in result)) throw new Error(result.kind);
          const isWanted = (word: string) =>
            /[ab]$/.test(word)
              ? kept.includes(word) || sent.includes(word)
              : kept.includes(word) && sent.includes(word);
          const wanted = sorted(new Set([...kept, ...sent].filter(isWanted)));
          const got = sorted(
            result.kind === 'applied' ? wordsOf(result.content.canonical) : shownWords(head),
          );
          if (got.join() !== wanted.join()) {
            figures['wrong by Yjs alone']++;
            const unknown = integrateUpdate(state, update, SHAPE);
            if ('suspicious' in unknown && !unknown.suspicious)
              figures['wrong and clean without the replica']++;
          }
          if (result.suspicious) return;
          figures.clean++;
          expect(got).toEqual(wanted);
        }),
        replay(400),
      );
      // Else the property says nothing.
      expect(figures.clean).toBeGreaterThan(50);
      expect(figures['wrong by Yjs alone']).toBeGreaterThan(50);
      if (process.env.DUALPATH_FIGURES) console.log(figures);
    });

    it('so does a whole life of two devices that edit, push and pull as they come', () => {
      const step = fc.record({
        device: fc.nat(1),
        do: fc.constantFrom('edit', 'edit', 'push', 'pull'),
        edit,
      });
      const figures = { suspicious: 0, clean: 0 };
      fc.assert(
        fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => {
          const life = new Life(editor);
          for (const { device, do: what, edit: change } of steps) {
            if (what === 'edit') life.edit(device, change);
            else if (!life.push(device)) break;
            else if (what === 'pull') life.pull(device);
          }
          if (life.isSuspicious || !life.push(0) || !life.push(1)) {
            figures.suspicious++;
            return;
          }
          figures.clean++;
          life.pull(0);
          expect(sorted(life.words())).toEqual(sorted(life.wanted));
        }),
        replay(300),
      );
      expect(figures.clean).toBeGreaterThan(30);
      if (process.env.DUALPATH_FIGURES) console.log(figures);
    });
  },
);

/** Two devices and a server that takes in their updates one by one, until one is suspicious. */
class Life {
  readonly wanted = new Set(wordsOf(documentOf(...BASE)));
  readonly #editor: Editor;
  #state = seedOf(documentOf(...BASE), SHAPE);
  readonly #devices = [1, 2].map((client) => ({
    doc: deviceOf(this.#state, { client }),
    queue: [] as Uint8Array[],
    /** What the server knows the replica to hold. */
    replica: [this.#state],
  }));
  #typed = 100;
  isSuspicious = false;

  constructor(editor: Editor) {
    this.#editor = editor;
  }

  edit(index: number, change: Edit): void {
    const { doc, queue } = this.#device(index);
    const before = shownWords(doc);
    const word = `w${this.#typed++}`;
    queue.push(updateOf(doc, () => show(this.#editor, doc, (blocks) => apply(blocks, change, word))));
    const after = shownWords(doc);
    for (const gone of before) if (!after.includes(gone)) this.wanted.delete(gone);
    for (const come of after) if (!before.includes(come)) this.wanted.add(come);
  }

  /** Sends what waits, in order; false where a three-way merge would have to look. */
  push(index: number): boolean {
    const { queue, replica } = this.#device(index);
    for (const update of queue.splice(0)) {
      const result = integrateUpdate(this.#state, update, SHAPE, () => replicaAt(replica));
      if (!('suspicious' in result)) throw new Error(result.kind);
      this.isSuspicious ||= result.suspicious;
      if (this.isSuspicious) return false;
      if (result.kind === 'applied') this.#state = result.state();
      replica.push(update);
    }
    return true;
  }

  pull(index: number): void {
    const { doc, replica } = this.#device(index);
    const sent = diffSince(this.#state, Y.encodeStateVector(doc));
    Y.applyUpdate(doc, sent);
    replica.push(sent);
  }

  words(): readonly string[] {
    return shownWords(this.#device(0).doc);
  }

  #device(index: number) {
    const device = this.#devices[index];
    if (device === undefined) throw new Error('no such device');
    return device;
  }
}
