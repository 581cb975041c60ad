import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Device } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

/** A device that has typed a word into a paragraph which then was taken away from under it: its editor no longer shows it. */
async function typedUnderAway(): Promise<Device> {
  await store.insert('a', 'one two three four', 'five');
  const device = await Device.open(store.documents, 'a', 'phone');
  device.paragraph(0).insert(13, ' typed');
  const other = await Device.open(store.documents, 'a', 'tablet');
  other.doc.transact(() => {
    other.fragment.delete(0, 1);
    other.fragment.insert(0, [other.newParagraph('one two'), other.newParagraph('three four')]);
  });
  await other.push();
  await device.pull();
  return device;
}

describe('what a device had not sent when it pulled', () => {
  test('is in the document, though its block was split meanwhile', async () => {
    const device = await typedUnderAway();
    expect(await device.push()).toMatchObject({ outcome: 'merged' });
    expect(await store.texts('a')).toEqual(['one two', 'three typed four', 'five']);
  });

  test('is in the document with what it wrote on top of what it pulled', async () => {
    const device = await typedUnderAway();
    device.paragraph(1).insert(0, 'later ');
    expect(await device.push()).toMatchObject({ outcome: 'merged' });
    expect(await store.texts('a')).toEqual(['one two', 'later three typed four', 'five']);
  });
});

describe('an update that waited for an earlier one', () => {
  test('is merged as the push that it is: words typed where somebody deleted meanwhile are there', async () => {
    await store.insert('a', 'one', 'two three');
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('first');
    const first = { id: 'a', deviceId: 'phone', session: 'session 1', update: device.takeUnsent(), seq: 1 };
    device.paragraph(2).insert(5, ' second');
    device.paragraph(1).insert(3, ' typed');
    const second = { ...first, update: device.takeUnsent(), seq: 2 };
    expect(await store.documents.push(second)).toMatchObject({ outcome: 'pending' });
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.fragment.delete(1, 1);
    await other.push();
    const { stateVector } = await store.documents.push(first);
    expect(await store.texts('a')).toEqual(['one', ' typed', 'first second'].map((text) => text.trim()));
    expect(Y.decodeStateVector(stateVector).get(device.doc.clientID)).toBe(
      Y.getState(device.doc.store, device.doc.clientID),
    );
    expect(await store.documents.push(second)).toMatchObject({ outcome: 'duplicate', fate: 'merged' });
  });

  test('is refused by name where it writes under the id of another device', async () => {
    await store.insert('a', 'one');
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('first');
    const first = device.takeUnsent();
    device.append('second');
    const second = device.takeUnsent();
    const pushOf = (deviceId: string, seq: number, update: Uint8Array) =>
      store.documents.push({ id: 'a', deviceId, session: 'session 1', seq, update });
    expect(await pushOf('tablet', 1, second)).toMatchObject({ outcome: 'pending' });
    expect(await pushOf('phone', 1, first)).toMatchObject({ outcome: 'applied' });
    expect(await store.texts('a')).toEqual(['one', 'first']);
    const conflicts = await store.sql('select class, reasons, device_id from dualpath.conflicts');
    expect(conflicts).toEqual([{ class: 'quarantine', reasons: ['foreign-client'], device_id: 'tablet' }]);
    expect(await pushOf('phone', 2, second)).toMatchObject({ outcome: 'applied' });
    expect(await store.texts('a')).toEqual(['one', 'first', 'second']);
  });
});

describe('two tabs of a device', () => {
  test('that send the same unsent work put it into the document once', async () => {
    await store.insert('a', 'one two', 'three');
    const device = await Device.open(store.documents, 'a', 'phone', 'tab 1');
    device.paragraph(0).insert(3, ' new');
    device.paragraph(1).delete(0, 5);
    const update = device.takeUnsent();
    const pushOf = (session: string) =>
      store.documents.push({ id: 'a', deviceId: 'phone', session, seq: 1, update });
    await pushOf('tab 1');
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.doc.transact(() => {
      other.fragment.delete(0, 1);
      other.append('one new two');
    });
    await other.push();
    const before = await store.texts('a');
    expect(await pushOf('tab 2')).toMatchObject({ outcome: 'applied' });
    expect(await store.texts('a')).toEqual(before);
  });
});
