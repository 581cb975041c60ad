import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { heldUpdates, RejectedUpdateError } from '../../../src/formats/index.ts';

/** A log of one text, and what each of its writers had taken in of it. */
function logOf(...changes: readonly ((text: Y.Text) => void)[]): readonly Uint8Array[] {
  const doc = new Y.Doc({ gc: false });
  const log: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => log.push(update));
  for (const change of changes) change(doc.getText('default'));
  return log;
}

function replicaOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ gc: false });
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

const NOTHING = new Uint8Array([0, 0]);
const indexesIn = (log: readonly Uint8Array[], held: readonly Uint8Array[]) =>
  held.map((update) => log.indexOf(update));

const log = logOf(
  (text) => text.insert(0, 'one two'),
  (text) => text.insert(7, ' three'),
  (text) => text.delete(0, 3),
  (text) => text.insert(0, 'four'),
  (text) => text.delete(0, 1),
);
const held = (count: number, update: Uint8Array = NOTHING) =>
  indexesIn(log, heldUpdates(log, Y.encodeStateVector(replicaOf(log.slice(0, count))), update));

describe('what a replica held, by its state vector', () => {
  test('is the log up to where it had come', () => {
    expect(held(0)).toEqual([]);
    expect(held(1)).toEqual([0]);
    expect(held(2)).toEqual([0, 1]);
  });

  test('has in it what was only deleted before something that it held', () => {
    expect(held(4)).toEqual([0, 1, 2, 3]);
  });

  test('leaves open what was only deleted last, unless its update names that', () => {
    expect(held(3)).toEqual([0, 1]);
    const answer = Y.encodeStateAsUpdate(replicaOf(log.slice(0, 3)), Y.encodeStateVector(replicaOf(log)));
    expect(held(3, answer)).toEqual([0, 1, 2]);
    expect(held(5)).toEqual([0, 1, 2, 3]);
  });

  test('has no deletion that the update makes itself, where it names no others', () => {
    const own = replicaOf(log.slice(0, 4));
    const [came, stateVector] = [log.slice(0, 4), Y.encodeStateVector(own)];
    const sent: Uint8Array[] = [];
    own.on('update', (update: Uint8Array) => sent.push(update));
    own.getText('default').delete(0, 1);
    const all = [...came, log[4] ?? NOTHING];
    expect(indexesIn(all, heldUpdates(all, stateVector, sent[0] ?? NOTHING))).toEqual([0, 1, 2, 3]);
    const answer = Y.encodeStateAsUpdate(own, Y.encodeStateVector(replicaOf(log)));
    expect(indexesIn(all, heldUpdates(all, stateVector, answer))).toEqual([0, 1, 2, 3, 4]);
  });

  test('is not told by what the replica wrote itself: a deletion before that may not have come to it yet', () => {
    const own = new Y.Doc();
    const sent: Uint8Array[] = [];
    Y.applyUpdate(own, log[0] ?? NOTHING);
    own.on('update', (update: Uint8Array) => sent.push(update));
    own.getText('default').insert(3, '!');
    own.getText('default').insert(4, '?');
    const [first = NOTHING, second = NOTHING] = sent;
    const deletion = log[2] ?? NOTHING;
    const all = [log[0] ?? NOTHING, deletion, first];
    expect(indexesIn(all, heldUpdates(all, Y.encodeStateVector(own), second))).toEqual([0, 2]);
  });

  test('has what the replica wrote itself, though something of others before it is missing', () => {
    const own = new Y.Doc();
    Y.applyUpdate(own, log[0] ?? NOTHING);
    own.getText('default').insert(3, '!');
    const written = Y.encodeStateAsUpdate(own, Y.encodeStateVector(replicaOf(log.slice(0, 1))));
    const all = [...log.slice(0, 3), written];
    expect(indexesIn(all, heldUpdates(all, Y.encodeStateVector(own), NOTHING))).toEqual([0, 3]);
  });

  test('cannot be told from bytes that are no state vector', () => {
    expect(() => heldUpdates(log, new Uint8Array([9, 9]), NOTHING)).toThrow(RejectedUpdateError);
  });
});
