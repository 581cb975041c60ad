import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { configObject, essay, openTables, PLAIN, type Tables } from '../documents/tables.ts';
import { plainText, textOf } from './state.ts';

let tables: Tables;
let documents: DocumentStore;
beforeEach(async () => {
  tables = await openTables(PLAIN);
  documents = await openDocumentStore({ config: configObject({}), pool: tables.pool });
});

const insert = (id: string, ...texts: readonly string[]) =>
  tables.pool.query('insert into documents (id, owner_id, content) values ($1, $2, $3)', [
    id,
    'u-1',
    texts.length === 1 ? essay(texts[0] ?? '') : JSON.stringify(doc(...texts)),
  ]);
const rowText = async (id: string) =>
  plainText((await tables.pool.query('select content from documents where id = $1', [id])).rows[0].content);
const doc = (...paragraphs: readonly string[]) => ({
  type: 'doc',
  content: paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
});
const bothTexts = async (id: string) => [await textOf(tables.pool, tables.stores, id), await rowText(id)];

/** A device as an editor on it would be: a replica, and updates that are pushed when it is online. */
class Device {
  readonly doc = new Y.Doc({ gc: false });
  #unpushed: Uint8Array[] = [];
  #seq = 0;
  constructor(
    readonly id: string,
    readonly name: string,
    readonly session = 's1',
  ) {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.#unpushed.push(update);
    });
  }
  async pull(): Promise<void> {
    const { update } = await documents.pull({
      id: this.id,
      deviceId: this.name,
      session: this.session,
      stateVector: Y.encodeStateVector(this.doc),
    });
    Y.applyUpdate(this.doc, update, 'server');
  }
  async push() {
    const update = Y.mergeUpdates(this.#unpushed);
    this.#unpushed = [];
    this.#seq += 1;
    return documents.push({
      id: this.id,
      deviceId: this.name,
      session: this.session,
      seq: this.#seq,
      update,
    });
  }
  paragraph(index: number): Y.XmlText {
    const element = this.doc.getXmlFragment('default').get(index) as Y.XmlElement;
    return element.get(0) as Y.XmlText;
  }
}

describe('a push', () => {
  test('of an offline device reaches both stores', async () => {
    await insert('a', 'one');
    const device = new Device('a', 'phone');
    await device.pull();
    device.paragraph(0).insert(3, ' two');
    expect(await device.push()).toMatchObject({ outcome: 'applied', serverSeq: 2 });
    expect(await bothTexts('a')).toEqual(['one two', 'one two']);
  });

  test('and a legacy save of the same time both survive', async () => {
    await insert('a', 'one', 'two');
    const device = new Device('a', 'phone');
    await device.pull();
    device.paragraph(1).insert(3, ' offline');
    await documents.save({ id: 'a', content: doc('one legacy', 'two'), baseRevision: 1 });
    await device.push();
    expect(await bothTexts('a')).toEqual(['one legacytwo offline', 'one legacytwo offline']);
  });

  test('into a paragraph that was split meanwhile is not lost', async () => {
    await insert('a', 'one two three four');
    const device = new Device('a', 'phone');
    await device.pull();
    device.paragraph(0).insert(13, ' typed');
    await documents.save({ id: 'a', content: doc('one two', 'three four'), baseRevision: 1 });
    const pushed = await device.push();
    expect(pushed.outcome).toBe('merged');
    expect(await bothTexts('a')).toEqual(['one twothree typed four', 'one twothree typed four']);
  });

  test('that comes again changes nothing', async () => {
    await insert('a', 'one');
    const device = new Device('a', 'phone');
    await device.pull();
    device.paragraph(0).insert(3, ' two');
    const update = Y.encodeStateAsUpdate(device.doc);
    const first = await documents.push({ id: 'a', deviceId: 'phone', session: 's1', seq: 1, update });
    const again = await documents.push({ id: 'a', deviceId: 'phone', session: 's1', seq: 1, update });
    expect(again).toMatchObject({ outcome: 'duplicate', fate: 'applied', serverSeq: first.serverSeq });
  });

  test('that builds on a missing one waits, and is completed when that comes', async () => {
    await insert('a', 'one');
    const device = new Device('a', 'phone');
    await device.pull();
    const updates: Uint8Array[] = [];
    device.doc.on('update', (update: Uint8Array) => updates.push(update));
    device.paragraph(0).insert(3, ' two');
    device.paragraph(0).insert(7, ' three');
    const [first, second] = updates as [Uint8Array, Uint8Array];
    const late = { id: 'a', deviceId: 'phone', session: 's1' };
    expect((await documents.push({ ...late, seq: 2, update: second })).outcome).toBe('pending');
    expect(await bothTexts('a')).toEqual(['one', 'one']);
    expect((await documents.push({ ...late, seq: 1, update: first })).outcome).toBe('applied');
    expect(await bothTexts('a')).toEqual(['one two three', 'one two three']);
    expect((await documents.push({ ...late, seq: 2, update: second })).fate).toBe('applied');
  });

  test('before it, what plain SQL wrote is taken in', async () => {
    await insert('a', 'one', 'two');
    const device = new Device('a', 'phone');
    await device.pull();
    device.paragraph(1).insert(3, ' offline');
    await tables.pool.query('update documents set content = $1, revision = revision + 1', [
      doc('one sql', 'two'),
    ]);
    await device.push();
    expect(await bothTexts('a')).toEqual(['one sqltwo offline', 'one sqltwo offline']);
    await tables.pool.query('update documents set content = $1, revision = revision + 1', [
      doc('one sql', 'two', 'stale writer'),
    ]);
    await documents.pull({ id: 'a', deviceId: 'other' });
    expect(await bothTexts('a')).toEqual([
      'one sqltwo offlinestale writer',
      'one sqltwo offlinestale writer',
    ]);
  });
});
