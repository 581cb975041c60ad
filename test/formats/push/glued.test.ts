import { describe, expect, it } from 'vitest';
import * as prosemirror from 'y-prosemirror';
import * as Y from 'yjs';
import { integrateUpdate } from '../../../src/formats/index.ts';
import { doubtsOf } from '../../../src/formats/push/index.ts';
import { type Block, documentOf, paragraph, retext, show } from './editing.ts';
import { deviceOf, SHAPE, seedOf, updateOf } from './support.ts';

type Change = (blocks: readonly Block[]) => readonly Block[];
const replace =
  (from: string, to: string): Change =>
  (blocks) =>
    retext(blocks, (text) => text.replace(from, to));

/** Two devices change a document without each other's knowledge; the second one's update meets the first one's result. */
function meet(texts: readonly string[], first: Change, second: Change) {
  const base = seedOf(documentOf(...texts.map(paragraph)), SHAPE);
  const [one, two] = [deviceOf(base, { client: 1 }), deviceOf(base, { client: 2 })];
  show(prosemirror, one, first);
  const update = updateOf(two, () => show(prosemirror, two, second));
  return { base, head: Y.encodeStateAsUpdate(one), update };
}

const isSuspicious = ({ base, head, update }: ReturnType<typeof meet>) => {
  const looks = [undefined, () => base].map((replica) => integrateUpdate(head, update, SHAPE, replica));
  return looks.map((look) => (look.kind === 'applied' ? look.suspicious : look.kind));
};

describe('an update that brings two words together', () => {
  it('is looked at where one side replaced a word and the other deleted it with its space', () => {
    expect(isSuspicious(meet(['one two three'], replace('two', 'zwei'), replace('two ', '')))).toEqual([
      true,
      true,
    ]);
    expect(isSuspicious(meet(['one two three'], replace('two ', ''), replace('two', 'zwei')))).toEqual([
      true,
      true,
    ]);
  });

  it('is looked at where both typed into an empty block', () => {
    const type =
      (text: string): Change =>
      () => [paragraph(text)];
    expect(isSuspicious(meet([''], type('one'), type('two')))).toEqual([true, true]);
  });

  it('is none where a device put them together itself, as soon as its replica is known', () => {
    const [without, known] = isSuspicious(
      meet(['one two', 'three'], replace('three', 'drei'), replace('one two', 'onetwo')),
    );
    expect([without, known]).toEqual([expect.any(Boolean), false]);
    expect(
      isSuspicious(meet(['one two', 'three'], replace('three', 'drei'), replace('one', 'ones'))),
    ).toEqual([false, false]);
  });

  it('speaks against a replica in which its device would have seen what it had deleted', () => {
    const base = seedOf(documentOf(paragraph('one two three')), SHAPE);
    const device = deviceOf(base, { client: 1 });
    const deleting = updateOf(device, () => show(prosemirror, device, replace(' two', '')));
    const typing = updateOf(device, () => show(prosemirror, device, replace('one', 'one new')));
    const deleted = Y.mergeUpdates([base, deleting]);
    expect(doubtsOf(deleted, typing).glued.size).toBe(0);
    expect([...doubtsOf(base, typing).glued.keys()].length).toBeGreaterThanOrEqual(0);
  });
});
