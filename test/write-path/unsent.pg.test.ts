import { beforeEach, describe, expect, test } from 'vitest';
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
