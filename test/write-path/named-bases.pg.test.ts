import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { PushInput } from '../../src/index.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one two', 'three four');
});

const texts = () => store.texts('a');
const conflicts = () => store.sql('select class, reasons from dualpath.conflicts order by id');

type Named = Pick<PushInput, 'baseSeq' | 'stateVector'>;
const WAYS: readonly (readonly [string, (replica: Y.Doc, serverSeq: number) => Named])[] = [
  ['baseSeq', (_, baseSeq) => ({ baseSeq })],
  ['stateVector', (replica) => ({ stateVector: Y.encodeStateVector(replica) })],
];

/** A replica as a tab finds it stored: all of another one's, with what that has not sent. */
function copyOf(replica: Y.Doc): { readonly doc: Y.Doc; readonly made: Uint8Array[] } {
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(replica));
  const made: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => made.push(update));
  return { doc, made };
}

/** As editors join two paragraphs: the text of the second is written anew behind that of the first. */
function join(doc: Y.Doc): void {
  doc.transact(() => {
    const fragment = doc.getXmlFragment('default');
    const [first, second] = fragment.toArray().map((block) => (block as Y.XmlElement).get(0) as Y.XmlText);
    first?.insert(first.length, ` ${second?.toString()}`);
    fragment.delete(1, 1);
  });
}

describe.each(WAYS)('a device that names its base by %s', (_way, named) => {
  const push = (session: string, update: Uint8Array, base: Named) =>
    store.documents.push({ id: 'a', deviceId: 'phone', session, seq: 1, update, ...base });

  test('and has two tabs with one queue, each of which sends it, has each word once', async () => {
    const first = await Device.open(store.documents, 'a', 'phone', 'first');
    const { serverSeq } = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'first' });
    const base = named(first.doc, serverSeq);
    join(first.doc);
    const queue = first.takeUnsent();
    const second = copyOf(first.doc);
    await push('first', queue, base);
    await store.documents.save({
      id: 'a',
      content: paragraphs('zero one two', 'three four'),
      baseRevision: 1,
    });
    (second.doc.getXmlFragment('default').get(0) as Y.XmlElement).insert(0, [new Y.XmlText('typed ')]);
    await push('second', Y.mergeUpdates([queue, ...second.made]), base);
    expect((await texts()).join(' ').split(' ').sort()).toEqual([
      'four',
      'one',
      'three',
      'two',
      'typed',
      'zero',
    ]);
  });

  test('and writes in a paragraph that was moved meanwhile needs nobody to look at it', async () => {
    const device = await Device.open(store.documents, 'a', 'phone', 'first');
    const { serverSeq } = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'first' });
    const base = named(device.doc, serverSeq);
    device.paragraph(0).insert(3, ' typed');
    await store.documents.save({ id: 'a', content: paragraphs('three four', 'one two'), baseRevision: 1 });
    await push('first', device.takeUnsent(), base);
    expect((await texts()).join(' ').split(' ').sort()).toEqual(['four', 'one', 'three', 'two', 'typed']);
    for (const { reasons } of await conflicts()) expect(reasons).not.toContain('base-inferred');
  });

  test('that it cannot have had is asked what its update says instead', async () => {
    const device = await Device.open(store.documents, 'a', 'phone', 'first');
    device.append('new');
    const update = device.takeUnsent();
    await device.push();
    device.paragraph(2).insert(3, ' er');
    await push('first', Y.mergeUpdates([update, device.takeUnsent()]), named(new Y.Doc(), 0));
    expect(await texts()).toEqual(['one two', 'three four', 'new er']);
  });
});
