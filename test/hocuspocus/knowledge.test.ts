import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { followKnowledge } from '../../src/hocuspocus/knowledge.ts';
import { deviceOf, SHAPE, seedOf, updateOf } from '../formats/push/support.ts';
import { paragraphs } from '../support/device.ts';

const SEED = seedOf(JSON.stringify(paragraphs('one two', 'three')), SHAPE);
const paragraphOf = (doc: Y.Doc, index: number): Y.XmlText =>
  (doc.getXmlFragment('default').get(index) as Y.XmlElement).get(0) as Y.XmlText;
const typed = (doc: Y.Doc, index: number, at: number, text: string): Uint8Array =>
  updateOf(doc, () => paragraphOf(doc, index).insert(at, text));

describe('what a client must have known', () => {
  test('is the same from letter to letter, and where it deletes its own', () => {
    const doc = deviceOf(SEED);
    const learns = followKnowledge();
    expect(learns(typed(doc, 0, 3, 'a'))).toBe('more');
    expect(learns(typed(doc, 0, 4, 'b'))).toBe('same');
    expect(learns(updateOf(doc, () => paragraphOf(doc, 0).delete(3, 1)))).toBe('same');
    expect(learns(typed(doc, 0, 0, 'c'))).toBe('same');
  });

  test('is more where it writes beside, or deletes, what another wrote since', () => {
    const [doc, other] = [deviceOf(SEED), deviceOf(SEED)];
    const learns = followKnowledge();
    learns(typed(doc, 1, 5, '!'));
    expect(learns(typed(doc, 0, 7, 'a'))).toBe('same');
    Y.applyUpdate(doc, typed(other, 0, 0, 'by another '));
    expect(learns(typed(doc, 0, 11, 'b'))).toBe('more');
    Y.applyUpdate(doc, typed(other, 0, 0, 'again '));
    expect(learns(updateOf(doc, () => paragraphOf(doc, 0).delete(0, 2)))).toBe('more');
  });

  test('cannot be told of a damaged update', () => {
    expect(followKnowledge()(new Uint8Array([1, 2, 3]))).toBe('damaged');
  });
});
