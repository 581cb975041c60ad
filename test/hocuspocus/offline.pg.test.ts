import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';
import { startServer, Writer } from './live.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

const save = (id: string, ...texts: readonly string[]) =>
  store.documents.save({ id, content: paragraphs(...texts), deviceId: 'legacy browser' });
const opened = (id: string) => store.documents.load({ id, deviceId: 'legacy browser' });

describe('a stock provider that was offline and comes back', () => {
  test('brings what was typed, and a legacy save of the meantime stays', async () => {
    await store.insert('a', 'one', 'two');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    await opened('a');
    await ann.offline();
    ann.type(1, 3, ' ann');
    await save('a', 'one legacy', 'two');
    await ann.online();
    await ann.shows('one legacy', 'two ann');
    expect(await store.texts('a')).toEqual(['one legacy', 'two ann']);
  });

  test('had typed into a paragraph that a legacy save split meanwhile: the words are in it once', async () => {
    await store.insert('a', 'one two three four');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    await opened('a');
    await ann.offline();
    ann.type(0, 13, ' ann');
    ann.type(0, 17, ' again');
    await save('a', 'one two', 'three four');
    await ann.online();
    await ann.shows('one two', 'three ann again four');
    expect(await store.texts('a')).toEqual(['one two', 'three ann again four']);
  });

  test('so it is where somebody else’s save was shown to the others before', async () => {
    await store.insert('a', 'one two three four');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    await ann.offline();
    ann.type(0, 13, ' ann');
    bob.edit('one two', 'three four');
    await bob.acknowledged();
    bob.type(0, 7, ' bob');
    await bob.acknowledged();
    await ann.online();
    await ann.shows('one two bob', 'three ann four');
    await bob.shows('one two bob', 'three ann four');
    expect(await store.texts('a')).toEqual(['one two bob', 'three ann four']);
  });

  test('had split the paragraph that a legacy client typed in: nothing is lost or doubled', async () => {
    await store.insert('a', 'one two three four');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    await opened('a');
    await ann.offline();
    ann.edit('one two', 'three four');
    await save('a', 'one two three legacy four');
    await ann.online();
    await ann.shows('one two', 'three legacy four');
    expect(await store.texts('a')).toEqual(['one two', 'three legacy four']);
  });

  test('had seen a split by somebody else before it went: what it typed elsewhere takes nothing away', async () => {
    await store.insert('a', 'one two three four', 'other');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    bob.edit('one two', 'three four', 'other');
    await ann.shows('one two', 'three four', 'other');
    await bob.acknowledged();
    await ann.offline();
    ann.type(2, 5, ' ann');
    bob.type(1, 10, ' bob');
    await bob.acknowledged();
    await ann.online();
    await ann.shows('one two', 'three four bob', 'other ann');
    expect(await store.texts('a')).toEqual(['one two', 'three four bob', 'other ann']);
  });

  test('in a page loaded anew from the replica that the browser kept', async () => {
    await store.insert('a', 'one two three four');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    ann.type(0, 3, ' online');
    await ann.acknowledged();
    await opened('a');
    await ann.offline();
    ann.type(0, 20, ' offline');
    const kept = new Y.Doc();
    Y.applyUpdate(kept, Y.encodeStateAsUpdate(ann.doc));
    ann.provider.destroy();
    await save('a', 'one online two', 'three four');
    const again = await Writer.open(url, 'a', 'ann', kept);
    await again.shows('one online two', 'three offline four');
    expect(await store.texts('a')).toEqual(['one online two', 'three offline four']);
  });

  test('to another server than before', async () => {
    await store.insert('a', 'one two three four');
    const first = await startServer(store.documents);
    const second = await startServer(store.documents);
    const bob = await Writer.open(second.url, 'a', 'bob');
    const ann = await Writer.open(first.url, 'a', 'ann');
    ann.type(0, 18, ' ann');
    await ann.acknowledged();
    await ann.offline();
    ann.type(0, 22, ' offline');
    await first.close();
    bob.edit('one two', 'three four');
    await bob.acknowledged();
    const kept = ann.doc;
    ann.provider.destroy();
    const again = await Writer.open(second.url, 'a', 'ann', kept);
    await again.shows('one two', 'three four ann offline');
    await bob.shows('one two', 'three four ann offline');
    expect(await store.texts('a')).toEqual(['one two', 'three four ann offline']);
  });

  test('without a name for its device, too', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', null);
    ann.type(0, 3, ' two');
    await ann.acknowledged();
    await ann.offline();
    ann.type(0, 7, ' three');
    await ann.online();
    expect(await store.texts('a')).toEqual(['one two three']);
  });

  test('with nothing new leaves nothing in the log', async () => {
    await store.insert('a', 'one two');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    ann.edit('one');
    await ann.acknowledged();
    const count = () => store.sql('select count(*)::int as updates from dualpath.updates');
    const before = await count();
    await ann.offline();
    await ann.online();
    expect(await count()).toEqual(before);
  });
});
