import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  applyUpdate,
  decodeState,
  encodeSeed,
  mergeUpdates,
  UndecodableError,
} from '../../src/formats/index.ts';
import { document, given, IDENTITY, PATIENT, text } from './arbitraries.ts';

const SHAPE = { format: 'prosemirror', fragment: 'default' } as const;

function refusal(state: Uint8Array, shape: Parameters<typeof decodeState>[1] = SHAPE): UndecodableError {
  try {
    decodeState(state, shape);
  } catch (error) {
    if (error instanceof UndecodableError) return error;
    throw error;
  }
  throw new Error('it was decoded');
}

function stateOf(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc({ guid: 'test', gc: false });
  write(doc);
  return Y.encodeStateAsUpdate(doc);
}

describe('decoding', PATIENT, () => {
  it('gives back what was seeded, exactly, in every format', () => {
    fc.assert(
      fc.property(document, ({ content, shape }) => {
        const decoded = decodeState(encodeSeed(content, shape, IDENTITY), shape);
        expect(decoded.canonical).toBe(content.canonical);
        expect(decoded.fingerprint).toEqual(content.fingerprint);
      }),
    );
  });

  it('never writes: the bytes are as they were', () => {
    fc.assert(
      fc.property(document, ({ content, shape }) => {
        const state = encodeSeed(content, shape, IDENTITY);
        const before = Uint8Array.from(state);
        decodeState(state, shape);
        expect(state).toEqual(before);
      }),
    );
  });

  it('reads texts that concurrent edits left side by side as the one they show', () => {
    const state = stateOf((doc) => {
      const paragraph = new Y.XmlElement('paragraph');
      doc.getXmlFragment('default').insert(0, [paragraph]);
      paragraph.insert(0, [new Y.XmlText('a'), new Y.XmlText(), new Y.XmlText('b')]);
    });
    expect(decodeState(state, SHAPE).value).toEqual({
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: 'ab' }] }],
    });
  });

  it('ignores other roots that an application keeps in the document', () => {
    const { content, shape } = given('text', 'hello');
    const state = mergeUpdates([
      encodeSeed(content, shape, IDENTITY),
      stateOf((doc) => doc.getMap('comments').set('a', 1)),
    ]);
    expect(decodeState(state, shape).canonical).toBe(content.canonical);
  });
});

describe('a state that is no document is refused by name', PATIENT, () => {
  it('no bytes, cut off bytes, other bytes', () => {
    const { content, shape } = given('text', 'hello');
    const seed = encodeSeed(content, shape, IDENTITY);
    expect(refusal(new Uint8Array(), shape).code).toBe('state-corrupt');
    expect(refusal(seed.subarray(0, seed.length - 3), shape).code).toBe('state-corrupt');
    expect(refusal(Buffer.from('not an update at all'), shape).code).toMatch(/^state-/);
  });

  it('whatever bytes come, nothing but an UndecodableError is thrown', () => {
    fc.assert(
      fc.property(document, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ content, shape }, at, flip) => {
        const state = Uint8Array.from(encodeSeed(content, shape, IDENTITY));
        const index = at % state.length;
        state[index] = (state[index] ?? 0) ^ flip;
        try {
          decodeState(state, shape);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableError);
        }
      }),
    );
  });

  it('a state that builds on an update it does not have', () => {
    const doc = new Y.Doc({ guid: 'test', gc: false });
    doc.getText('default').insert(0, 'first');
    const after = Y.encodeStateVector(doc);
    doc.getText('default').insert(5, ' second');
    const second = Y.encodeStateAsUpdate(doc, after);
    const shape = { format: 'text', fragment: 'default' } as const;
    expect(refusal(second, shape).code).toBe('state-incomplete');
    expect(() => applyUpdate(new Uint8Array([0, 0]), second)).toThrow(UndecodableError);
  });

  it('nodes 5,000 deep', () => {
    expect(refusal(deepState(5_000)).code).toBe('state-unexpected');
  });

  it('nodes 5,000 deep that were deleted, which Yjs cannot delete', () => {
    const deletionOfFirstItem = new Uint8Array([0, 1, 1, 1, 0, 1]);
    expect(refusal(mergeUpdates([deepState(5_000), deletionOfFirstItem])).code).toBe('state-corrupt');
  });

  it.each<[string, (doc: Y.Doc) => void]>([
    ['text where nodes belong', (doc) => doc.getText('default').insert(0, 'hello')],
    ['a map as an attribute', (doc) => elementIn(doc).setAttribute('a', new Y.Map() as never)],
    ['bytes as an attribute', (doc) => elementIn(doc).setAttribute('a', new Uint8Array(3) as never)],
    ['an embed inside text', (doc) => textIn(doc).insertEmbed(0, { image: '/' })],
    ['a mark whose attributes are none', (doc) => textIn(doc).insert(0, 'a', { strong: 3 })],
    ['U+0000', (doc) => textIn(doc).insert(0, 'a\0b')],
  ])('%s', (_, write) => {
    expect(refusal(stateOf(write)).code).toBe('state-unexpected');
  });

  it('formats on plain text', () => {
    const state = stateOf((doc) => doc.getText('default').insert(0, 'a', { bold: true }));
    expect(refusal(state, { format: 'markdown', fragment: 'default' }).code).toBe('state-unexpected');
  });
});

describe('merging and applying updates', () => {
  it('keeps what was deleted, so that nothing typed into it meanwhile is destroyed', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const shape = { format: 'text', fragment: 'default' } as const;
        const doc = new Y.Doc({ guid: 'test', gc: false });
        const updates: Uint8Array[] = [];
        doc.on('update', (update: Uint8Array) => updates.push(update));
        doc.getText('default').insert(0, typed);
        doc.getText('default').delete(0, typed.length);
        const state = updates.reduce(applyUpdate, new Uint8Array([0, 0]));
        expect(decodeState(state, shape).value).toBe('');
        expect(state.length).toBeGreaterThan(Buffer.byteLength(typed));
        expect(mergeUpdates(updates).length).toBeGreaterThan(Buffer.byteLength(typed));
      }),
    );
  });
});

/** Elements in elements, by the client 1. */
function deepState(depth: number): Uint8Array {
  return stateOf((doc) => {
    doc.clientID = 1;
    doc.transact(() => {
      let parent: Y.XmlFragment = doc.getXmlFragment('default');
      for (let level = 0; level < depth; level++) {
        const child = new Y.XmlElement('a');
        parent.insert(0, [child]);
        parent = child;
      }
    });
  });
}

function elementIn(doc: Y.Doc): Y.XmlElement {
  const element = new Y.XmlElement('paragraph');
  doc.getXmlFragment('default').insert(0, [element]);
  return element;
}

function textIn(doc: Y.Doc): Y.XmlText {
  const content = new Y.XmlText();
  elementIn(doc).insert(0, [content]);
  return content;
}
