import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { DualpathError } from '../../src/index.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';
import { startServer, Writer } from './live.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

const toldOf = (writer: Writer, code: string) =>
  expect.poll(() => writer.reasons, { timeout: 15_000 }).toEqual([expect.stringMatching(`^${code}: [A-Z]`)]);

describe('a client is turned away with a reason that it can show', () => {
  test('from a document that is not there', async () => {
    const { url } = await startServer(store.documents);
    await toldOf(new Writer(url, 'no such document', 'ann'), 'not-found');
  });

  test('from a document whose owner is in no started cohort', async () => {
    store = await openStore({ stages: { everyone: 'planned' } });
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    await toldOf(new Writer(url, 'a', 'ann'), 'not-enrolled');
  });

  test('from a document that does not convert', async () => {
    await store.insert('a', 'one');
    await store.sql(`update documents set content = '{"type":"doc","content":"no list"}'`);
    const { url } = await startServer(store.documents);
    await toldOf(new Writer(url, 'a', 'ann'), 'quarantined');
  });

  test('when the document is deleted while it is open, and so is everybody else', async () => {
    await store.insert('a', 'one');
    const { url, hocuspocus } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    await store.sql('delete from documents');
    ann.type(0, 3, ' too late');
    await toldOf(ann, 'deleted');
    await toldOf(bob, 'deleted');
    expect(ann.provider.unsyncedChanges).toBe(1);
    await expect.poll(() => hocuspocus.documents.size).toBe(0);
    const kept = await store.sql('select payload from dualpath.rejected');
    expect(kept).toHaveLength(1);
  });

  test('whose change cannot be part of the document; the document is unharmed and the others go on', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    ann.doc.getMap('somewhere else').set('key', 'value');
    await toldOf(ann, 'update-rejected');
    ann.type(0, 3, ' after it');
    expect(ann.provider.unsyncedChanges).toBeGreaterThan(0);
    bob.type(0, 3, ' bob');
    await bob.acknowledged();
    expect(bob.texts).toEqual(['one bob']);
    expect(bob.doc.share.has('somewhere else')).toBe(false);
    expect(await store.texts('a')).toEqual(['one bob']);
  });

  test('whose change the legacy table refuses; it is kept under a conflict, and what it sent after it is not acknowledged', async () => {
    await store.insert('a', 'one');
    await store.sql(`alter table documents add check (content::text not like '%forbidden%')`);
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    ann.type(0, 3, ' forbidden');
    ann.type(0, 13, ' and more');
    await toldOf(ann, 'update-refused');
    expect(ann.provider.unsyncedChanges).toBe(2);
    bob.type(0, 0, 'bob ');
    await bob.acknowledged();
    expect(bob.texts).toEqual(['bob one']);
    expect(await store.texts('a')).toEqual(['bob one']);
    expect(await store.sql('select distinct class from dualpath.conflicts')).toEqual([
      { class: 'quarantine' },
    ]);
  });

  test('whose editor filled the document by itself, as if it were the first', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const filled = new Y.Doc();
    const element = new Y.XmlElement('paragraph');
    element.insert(0, [new Y.XmlText('one')]);
    filled.getXmlFragment('default').insert(0, [element]);
    const ann = new Writer(url, 'a', 'ann', filled);
    await toldOf(ann, 'update-refused');
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('that comes back to a document of the same name with another owner: the old text is not in the new', async () => {
    await store.insert('a', 'one');
    const { url } = await startServer(store.documents);
    const ann = await Writer.open(url, 'a', 'ann');
    ann.type(0, 3, ' of the first owner');
    await ann.acknowledged();
    await ann.offline();
    await store.sql('delete from documents');
    await store.sql(`insert into documents (id, owner_id, content) values ('a', 'u-2', $1)`, {
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: 'new' }] }],
    });
    const bob = await Writer.open(url, 'a', 'bob');
    ann.type(0, 0, 'offline ');
    await ann.provider.connect();
    await expect.poll(() => ann.reasons.at(-1)).toMatch(/^update-refused: /);
    expect(bob.texts).toEqual(['new']);
    expect(await store.texts('a')).toEqual(['new']);
  });
});

describe('while the database cannot be reached', () => {
  test('nothing is acknowledged or shown to others, and the provider brings it when it can be', async () => {
    await store.insert('a', 'one');
    let away = false;
    const { push, pull } = store.documents;
    const gone = () => Promise.reject(unavailable());
    const { url } = await startServer({
      push: (input) => (away ? gone() : push(input)),
      pull: (input) => (away ? gone() : pull(input)),
    });
    const ann = await Writer.open(url, 'a', 'ann');
    const bob = await Writer.open(url, 'a', 'bob');
    away = true;
    ann.type(0, 3, ' two');
    await expect.poll(() => ann.reasons.at(-1), { timeout: 15_000 }).toBe('unavailable');
    expect(ann.provider.unsyncedChanges).toBeGreaterThan(0);
    expect(bob.texts).toEqual(['one']);
    expect(await store.texts('a')).toEqual(['one']);
    away = false;
    await ann.acknowledged();
    expect(await store.texts('a')).toEqual(['one two']);
    await bob.shows('one two');
  });

  test('a document can be opened: its text comes when it can be', async () => {
    await store.insert('a', 'one');
    let away = true;
    const { push, pull } = store.documents;
    const { url } = await startServer({
      push,
      pull: (input) => (away ? Promise.reject(unavailable()) : pull(input)),
    });
    const ann = new Writer(url, 'a', 'ann');
    await expect.poll(() => ann.reasons.at(-1), { timeout: 15_000 }).toBe('unavailable');
    expect(ann.provider.synced).toBe(false);
    away = false;
    await ann.acknowledged();
    expect(ann.texts).toEqual(['one']);
  });
});

const unavailable = () =>
  new DualpathError('unavailable', 'The database cannot be reached.', 'Try again.', {
    retryable: true,
    exitCode: 6,
  });
