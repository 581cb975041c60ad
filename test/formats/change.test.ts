import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  applyUpdate,
  type Content,
  changeState,
  clientIdsIn,
  decodeState,
  encodeChange,
  encodeSeed,
  mergeUpdates,
  readLegacy,
  type StateShape,
} from '../../src/formats/index.ts';
import { alike, given, IDENTITY, PATIENT, pair } from './arbitraries.ts';

const CAPTURE = { ...IDENTITY, revision: '2', purpose: 'capture' } as const;

function change(
  before: Content,
  after: Content,
  shape: StateShape,
): { state: Uint8Array; update: Uint8Array } {
  const state = encodeSeed(before, shape, IDENTITY);
  return { state, update: encodeChange(state, after, shape, CAPTURE) };
}

describe('a change', PATIENT, () => {
  it('leads from any document to any other, by the same bytes each time', () => {
    fc.assert(
      fc.property(pair, ({ before, after, shape }) => {
        const { state, update } = change(before, after, shape);
        expect(decodeState(applyUpdate(state, update), shape).canonical).toBe(after.canonical);
        expect(encodeChange(state, after, shape, CAPTURE)).toEqual(update);
      }),
    );
  });

  it('leads on through a chain of changes, and back again', () => {
    fc.assert(
      fc.property(pair, ({ before, after, shape }) => {
        let state = encodeSeed(before, shape, IDENTITY);
        for (const [index, target] of [after, before, after, before].entries()) {
          const update = encodeChange(state, target, shape, { ...CAPTURE, revision: String(index) });
          state = mergeUpdates([state, update]);
          expect(decodeState(state, shape).canonical).toBe(target.canonical);
        }
        expect(clientIdsIn(state).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('of a document that is open still leads to its target, as that of one opened anew does', () => {
    const shape = { format: 'prosemirror', fragment: 'default' } as const;
    fc.assert(
      fc.property(alike, fc.array(alike, { minLength: 2, maxLength: 8 }), (first, targets) => {
        let state = encodeSeed(first, shape, IDENTITY);
        for (const [index, target] of targets.entries()) {
          const identity = { ...CAPTURE, revision: String(index) };
          const anew = changeState(Uint8Array.from(state), target, shape, identity);
          const open = changeState(state, target, shape, identity);
          expect(decodeState(open.state, shape).canonical).toBe(target.canonical);
          expect(decodeState(anew.state, shape).canonical).toBe(target.canonical);
          state = open.state;
        }
      }),
    );
  });

  it('to the content that is there is the empty update', () => {
    const { content, shape } = given('text', 'hello');
    expect(change(content, content, shape).update).toEqual(new Uint8Array([0, 0]));
  });

  it('of a word in two of 200 paragraphs costs hundreds of bytes, not the document', () => {
    const paragraphs = Array.from(
      { length: 200 },
      (_, index) => `Paragraph ${index} says a few words of its own.`,
    );
    const { content, shape } = given('prosemirror', documentOf(paragraphs));
    const edited = paragraphs
      .with(40, `${paragraphs[40]} Indeed.`)
      .with(150, 'Paragraph 150 says other words of its own.');
    const { state, update } = change(content, readLegacy('prosemirror', documentOf(edited)), shape);
    expect(state.length).toBeGreaterThan(10_000);
    expect(update.length).toBeLessThan(200);
  });

  it('that inserts, removes and edits paragraphs leaves the items of all others alone', () => {
    const paragraphs = Array.from({ length: 50 }, (_, index) => `Number ${index} is here.`);
    const { content, shape } = given('prosemirror', documentOf(paragraphs));
    const edited = [
      'A new beginning.',
      ...paragraphs.slice(0, 20),
      'Number 20 was here.',
      ...paragraphs.slice(22),
    ];
    const { state, update } = change(content, readLegacy('prosemirror', documentOf(edited)), shape);
    const [before, after] = [itemsOf(state), itemsOf(applyUpdate(state, update))];
    expect(after.slice(1, 22)).toEqual(before.slice(0, 21));
    expect(after.slice(22)).toEqual(before.slice(22));
  });

  it('keeps text that somebody typed into an edited paragraph meanwhile', () => {
    const { content, shape } = given('prosemirror', documentOf(['one two three', 'four five six']));
    const { state, update } = change(
      content,
      readLegacy('prosemirror', documentOf(['one 2 three', 'four five six'])),
      shape,
    );
    const device = new Y.Doc({ guid: 'device', gc: false });
    Y.applyUpdate(device, state);
    const paragraph = device.getXmlFragment('default').get(0) as Y.XmlElement;
    (paragraph.get(0) as Y.XmlText).insert(13, ' and more');
    Y.applyUpdate(device, update);
    expect(decodeState(Y.encodeStateAsUpdate(device), shape).canonical).toContain('one 2 three and more');
  });

  it('of a format touches no character', () => {
    const quill = (bold: boolean) =>
      JSON.stringify([
        { insert: 'a word ' },
        { insert: 'in bold', ...(bold ? { attributes: { bold } } : {}) },
        { insert: '\n' },
      ]);
    const { content, shape } = given('quill', quill(false));
    const { state, update } = change(content, readLegacy('quill', quill(true)), shape);
    expect(Buffer.from(update).includes('word')).toBe(false);
    expect(Buffer.from(update).includes('in bold')).toBe(false);
    expect(decodeState(applyUpdate(state, update), shape).canonical).toContain('"bold":true');
  });

  it('never cuts a surrogate pair', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('😀', '😁', '😂', 'a', ' '), { maxLength: 12 }), (characters) => {
        const { content, shape } = given('text', '😀😁😂😀a 😁');
        const { state, update } = change(content, readLegacy('text', characters.join('')), shape);
        expect(decodeState(applyUpdate(state, update), shape).value).toBe(characters.join(''));
      }),
    );
  });

  it('lets an entry beside the document stay with its image when the text around it changes, and go with its link', () => {
    const image = (text: string, marks: unknown[]) =>
      JSON.stringify({
        type: 'doc',
        attrs: { lang: 'en' },
        content: [
          {
            type: 'paragraph',
            content: [
              { type: 'text', text },
              { type: 'image', attrs: { src: '/' }, marks },
            ],
          },
        ],
      });
    const linked = [{ type: 'link', attrs: { href: '/' } }];
    const { content, shape } = given('prosemirror', image('before', linked));
    const edited = readLegacy('prosemirror', image('after it', linked));
    const { state, update } = change(content, edited, shape);
    expect(Buffer.from(update).includes('href')).toBe(false);
    const plain = readLegacy('prosemirror', image('after it', []));
    const next = applyUpdate(state, update);
    const unlinked = applyUpdate(next, encodeChange(next, plain, shape, CAPTURE));
    expect(decodeState(unlinked, shape).canonical).toBe(plain.canonical);
  });

  it('between two entirely different large documents is bounded', () => {
    const words = (seed: number) =>
      Array.from({ length: 40_000 }, (_, index) => ((index * 7919 + seed) % 104_729).toString(36)).join(' ');
    const { content, shape } = given('text', words(1));
    const { state, update } = change(content, readLegacy('text', words(50_000)), shape);
    expect(decodeState(applyUpdate(state, update), shape).value).toBe(words(50_000));
  });

  it('refuses a state that cannot be read', () => {
    const { content, shape } = given('text', 'hello');
    expect(() => encodeChange(new Uint8Array([1, 2, 3]), content, shape, CAPTURE)).toThrow(
      'Yjs cannot read it',
    );
  });
});

function documentOf(paragraphs: readonly string[]): string {
  const content = paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] }));
  return JSON.stringify({ type: 'doc', content });
}

/** The ids of the Yjs items of the top nodes. */
function itemsOf(state: Uint8Array): unknown[] {
  const doc = new Y.Doc({ guid: 'test', gc: false });
  Y.applyUpdate(doc, state);
  return doc
    .getXmlFragment('default')
    .toArray()
    .map((node) => node._item?.id);
}
