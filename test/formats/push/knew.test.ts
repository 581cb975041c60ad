import { describe, expect, it } from 'vitest';
import * as prosemirror from 'y-prosemirror';
import * as Y from 'yjs';
import { doubtsOf, isDifference, isPossible, withOwnDeletions } from '../../../src/formats/push/index.ts';
import { type Block, documentOf, paragraph, retext, show } from './editing.ts';
import { deviceOf, SHAPE, seedOf, updateOf } from './support.ts';

const BASE = seedOf(documentOf(paragraph('alpha beta'), paragraph('gamma delta')), SHAPE);

type Change = (blocks: readonly Block[]) => readonly Block[];
const deleteLast: Change = ([first]) => (first ? [first] : []);
const typeInLast: Change = (blocks) => retext(blocks, (text) => text.replace('gamma', 'gamma new'));
const typeInFirst: Change = (blocks) => retext(blocks, (text) => text.replace('alpha', 'alpha new'));

/** A device does something, then takes in what the server did; its queue and its difference, and its replica. */
function pullsFirst(server: Change, device: Change) {
  const head = deviceOf(BASE, { client: 1 });
  show(prosemirror, head, server);
  const state = Y.encodeStateAsUpdate(head);
  const replica = deviceOf(BASE, { client: 2 });
  const queued = updateOf(replica, () => show(prosemirror, replica, device));
  Y.applyUpdate(replica, state);
  const difference = Y.encodeStateAsUpdate(replica, Y.encodeStateVector(head));
  return { state, queued, difference };
}

const canHaveKnown = (state: Uint8Array, update: Uint8Array): boolean => isPossible(doubtsOf(state, update));

const textAfter = (state: Uint8Array, update: Uint8Array): string => {
  const doc = deviceOf(state);
  Y.applyUpdate(doc, update);
  return doc.getXmlFragment('default').toString();
};

describe('a device that pulled before it sent', () => {
  it('cannot have known that a block was deleted when it typed there', () => {
    const { state, queued, difference } = pullsFirst(deleteLast, typeInLast);
    expect([canHaveKnown(state, queued), canHaveKnown(state, difference)]).toEqual([false, false]);
    expect(canHaveKnown(BASE, queued)).toBe(true);
  });

  it('cannot have known what stood in a block that it deleted, unless it says that it deleted that', () => {
    const { state, queued } = pullsFirst(typeInLast, deleteLast);
    expect(canHaveKnown(state, queued)).toBe(false);
  });

  it('can have known everything where nothing speaks against it', () => {
    const { state, queued, difference } = pullsFirst(typeInLast, typeInFirst);
    expect([canHaveKnown(state, queued), canHaveKnown(state, difference)]).toEqual([true, true]);
  });

  it('tells every deletion it knows of in a difference, and its own only in its queue', () => {
    const { state, queued, difference } = pullsFirst(deleteLast, typeInLast);
    expect([isDifference(state, queued), isDifference(state, difference)]).toEqual([false, true]);
  });

  it('did not delete what it typed into a block that somebody else deleted', () => {
    const { state, difference } = pullsFirst(deleteLast, typeInLast);
    expect(textAfter(BASE, difference)).not.toContain('gamma');
    expect(textAfter(BASE, withOwnDeletions(state, difference))).toContain('gamma new delta');
  });

  it('keeps its own deletions in what is left of a difference', () => {
    const { state, difference } = pullsFirst(typeInFirst, deleteLast);
    expect(textAfter(BASE, withOwnDeletions(state, difference))).not.toContain('gamma');
  });
});
