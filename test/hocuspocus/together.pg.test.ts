import { EventEmitter, once } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';
import { startServer, Writer } from './live.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

/** Holds up some calls until it is opened. */
function gate() {
  const events = new EventEmitter();
  const opened = once(events, 'open');
  return {
    reached: once(events, 'reach'),
    open: () => events.emit('open'),
    after: async <T>(isHeld: boolean, work: () => Promise<T>): Promise<T> => {
      if (isHeld) {
        events.emit('reach');
        await opened;
      }
      return work();
    },
  };
}

describe('people at stock providers', () => {
  test('who type at once see each other, and both stores hold what all of them see', async () => {
    await store.insert('a', 'one', 'two');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    for (const [index, letter] of [...'abcdefghij'].entries()) {
      ann.type(0, 3 + index, letter);
      bob.type(1, 3 + index, letter.toUpperCase());
    }
    await ann.acknowledged();
    await bob.acknowledged();
    await ann.shows('oneabcdefghij', 'twoABCDEFGHIJ');
    await bob.shows('oneabcdefghij', 'twoABCDEFGHIJ');
    expect(await store.texts('a')).toEqual(['oneabcdefghij', 'twoABCDEFGHIJ']);
  });

  test('one of whom splits the paragraph that another types in lose nothing', async () => {
    await store.insert('a', 'one two three four');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    bob.edit('one two', 'three four');
    ann.type(0, 13, ' a');
    ann.type(0, 15, 'nn');
    await ann.acknowledged();
    await bob.acknowledged();
    await bob.shows('one two', 'three ann four');
    await ann.shows('one two', 'three ann four');
    expect(await store.texts('a')).toEqual(['one two', 'three ann four']);
  });

  test('lose nothing that one typed before and after the split arrived, though the server takes both up late', async () => {
    await store.insert('a', 'one two three four');
    const [splits, refreshes] = [gate(), gate()];
    const { url, dualpath } = await startServer({
      push: (input) => splits.after(input.deviceId === 'bob', () => store.documents.push(input)),
      pull: (input) => refreshes.after(input.deviceId === 'hocuspocus', () => store.documents.pull(input)),
    });
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    bob.edit('one two', 'three four');
    await splits.reached;
    const refreshed = dualpath.refresh('a');
    ann.type(0, 13, ' early');
    await ann.isHeardBy(bob);
    splits.open();
    await refreshes.reached;
    await ann.shows('one two early', 'three four');
    ann.type(1, 10, ' late');
    await ann.isHeardBy(bob);
    refreshes.open();
    await refreshed;
    await ann.acknowledged();
    await ann.shows('one two', 'three early four late');
    expect(await store.texts('a')).toEqual(['one two', 'three early four late']);
  });

  test('see what a legacy client saved at their next change', async () => {
    await store.insert('a', 'one', 'two');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    await store.documents.save({ id: 'a', content: paragraphs('one legacy', 'two'), baseRevision: 1 });
    bob.type(1, 3, ' bob');
    await ann.shows('one legacy', 'two bob');
    await bob.shows('one legacy', 'two bob');
  });

  test('see what a legacy client saved at once where the application says so', async () => {
    await store.insert('a', 'one');
    const { url, dualpath } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    await store.write('a', 'one by plain SQL');
    await dualpath.refresh('a');
    await ann.shows('one by plain SQL');
    await dualpath.refresh('nobody has this open');
  });

  test('see what is in the database when they come, whoever was there before', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    await store.write('a', 'one by plain SQL');
    const bob = await Writer.open(url, 'a', 'bob');
    expect(bob.texts).toEqual(['one by plain SQL']);
    await ann.shows('one by plain SQL');
  });

  test('on two servers see each other at their next change', async () => {
    await store.insert('a', 'one', 'two');
    const first = await startServer(store.documents);
    const second = await startServer(store.documents);
    const ann = await Writer.open(first.url, 'a', 'ann');
    const bob = await Writer.open(second.url, 'a', 'bob');
    ann.type(0, 3, ' ann');
    await ann.acknowledged();
    bob.type(1, 3, ' bob');
    await bob.shows('one ann', 'two bob');
    ann.type(0, 7, '!');
    await ann.shows('one ann!', 'two bob');
    expect(await store.texts('a')).toEqual(['one ann!', 'two bob']);
  });

  test('who may only read change nothing and see everything', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents, {
      onAuthenticate: async ({ connectionConfig, requestParameters }) => {
        connectionConfig.readOnly = requestParameters.get('deviceId') === 'reader';
      },
    });
    const ann = await Writer.open(url, 'a', 'ann');
    const reader = new Writer(url, 'a', 'reader');
    await reader.shows('one');
    reader.type(0, 3, ' by a reader');
    ann.type(0, 0, 'still ');
    await reader.shows('still one by a reader');
    await ann.acknowledged();
    expect(await store.texts('a')).toEqual(['still one']);
    expect(ann.texts).toEqual(['still one']);
  });

  test('and code on the server itself write to the same document', async () => {
    await store.insert('a', 'one');
    const { url, hocuspocus } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const direct = await hocuspocus.openDirectConnection('a', {});
    await direct.transact((document) => {
      const element = document.getXmlFragment('default').get(0) as Y.XmlElement;
      (element.get(0) as Y.XmlText).insert(3, ' by the server');
    });
    expect(await store.texts('a')).toEqual(['one by the server']);
    await ann.shows('one by the server');
    await direct.disconnect();
  });

  test('keep what was deleted in the memory of the server, where a merge may need it', async () => {
    await store.insert('a', 'one two');
    const { url, hocuspocus } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    ann.edit('one');
    await ann.acknowledged();
    const document = hocuspocus.documents.get('a');
    expect(document?.gc).toBe(false);
    const held = Y.decodeUpdate(Y.encodeStateAsUpdate(document ?? new Y.Doc())).structs;
    expect(held.filter((struct) => struct instanceof Y.GC)).toEqual([]);
    expect(
      held.some(
        (struct) =>
          struct instanceof Y.Item &&
          struct.content instanceof Y.ContentString &&
          struct.content.str.includes('two'),
      ),
    ).toBe(true);
  });

  test('see each other’s cursors', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    ann.provider.awareness?.setLocalStateField('cursor', { anchor: 2 });
    const cursor = () => bob.provider.awareness?.getStates().get(ann.doc.clientID)?.cursor;
    await expect.poll(cursor).toEqual({ anchor: 2 });
  });
});
