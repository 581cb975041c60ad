import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { deletesAny, doubtsOf } from '../../../src/formats/index.ts';
import { paragraphs } from '../../support/device.ts';
import { deviceOf, SHAPE, seedOf, updateOf } from './support.ts';

const BASE = seedOf(JSON.stringify(paragraphs('one two', 'three')), SHAPE);
const fragmentOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment('default');
const textOf = (doc: Y.Doc, index: number): Y.XmlText =>
  (fragmentOf(doc).get(index) as Y.XmlElement).get(0) as Y.XmlText;
const stateOf = (...updates: readonly Uint8Array[]): Uint8Array => Y.mergeUpdates([...updates]);

/** What an update hides. */
function hiddenBy(replica: Uint8Array, update: Uint8Array) {
  const { hidden, own } = doubtsOf(replica, update);
  return { hidden, own };
}

const device = deviceOf(BASE, { client: 1 });
const typing = updateOf(device, () => textOf(device, 0).insert(3, ' typed'));
const other = deviceOf(BASE, { client: 2 });
const taking = updateOf(other, () => fragmentOf(other).delete(0, 1));

describe('what an update hides', () => {
  test('is nothing in the replica that it was made on', () => {
    expect(hiddenBy(BASE, typing)).toEqual({ hidden: new Map(), own: new Map() });
    expect(hiddenBy(BASE, taking)).toEqual({ hidden: new Map(), own: new Map() });
    const both = deviceOf(stateOf(BASE, typing), { client: 3 });
    const second = updateOf(both, () => fragmentOf(both).delete(0, 1));
    expect(hiddenBy(stateOf(BASE, typing), second)).toEqual({ hidden: new Map(), own: new Map() });
  });

  test('is its own text, in a replica that knows its paragraph to be deleted already', () => {
    const { hidden, own } = hiddenBy(stateOf(BASE, taking), typing);
    expect([hidden.size, own.get(1)]).toEqual([0, [{ clock: 0, length: 6 }]]);
  });

  test('is text of others that stands in a paragraph that it deletes, and that its device did not know, or no longer', () => {
    const { hidden, own } = hiddenBy(stateOf(BASE, typing), taking);
    expect([hidden.get(1), own.size]).toEqual([[{ clock: 0, length: 6 }], 0]);
    const knowing = deviceOf(stateOf(BASE, typing), { client: 3 });
    const gone = updateOf(knowing, () => textOf(knowing, 0).delete(3, 6));
    expect([deletesAny(gone, hidden), deletesAny(typing, hidden)]).toEqual([true, false]);
    const later = updateOf(knowing, () => fragmentOf(knowing).delete(0, 1));
    expect(hiddenBy(stateOf(BASE, typing), later).hidden.get(1)).toEqual([{ clock: 0, length: 6 }]);
    expect(hiddenBy(stateOf(BASE, typing, gone), later).hidden.size).toBe(0);
  });
});
