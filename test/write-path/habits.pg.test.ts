import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { openDocumentStore, type PushInput } from '../../src/index.ts';
import { configObject, PLAIN } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

/** What clients do that makes it hard to know what they had before they wrote. */
let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

/** Another person puts the second paragraph behind the first one. */
async function joinMeanwhile(): Promise<void> {
  const other = await Device.open(store.documents, 'a', 'tablet');
  other.doc.transact(() => {
    other.fragment.delete(1, 1);
    other.paragraph(0).insert(other.paragraph(0).length, ' three four');
  });
  await other.push();
}

/** The second paragraph as a heading: Yjs knows no other way than a copy. */
function retype(device: Device): void {
  device.doc.transact(() => {
    const text = device.paragraph(1).toString();
    device.fragment.delete(1, 1);
    const heading = new Y.XmlElement('heading');
    heading.insert(0, [new Y.XmlText(text)]);
    device.fragment.insert(1, [heading]);
  });
}

const words = async () => (await store.texts('a')).join(' ').split(' ').filter(Boolean).sort();

describe('a device that pulls before it pushes', () => {
  test('and sends its queue of a block that somebody joined meanwhile doubles no word', async () => {
    await store.insert('a', 'one two', 'three four');
    const device = await Device.open(store.documents, 'a', 'phone');
    retype(device);
    await joinMeanwhile();
    await device.pull();
    expect(await device.push()).toMatchObject({ outcome: 'merged' });
    expect(await words()).toEqual(['four', 'one', 'three', 'two']);
  });

  test('and sends a difference that names the pull before keeps what others typed where it deleted', async () => {
    await store.insert('a', 'one two', 'three four');
    const device = await Device.open(store.documents, 'a', 'phone');
    const { serverSeq } = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'session 1' });
    retype(device);
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.paragraph(1).insert(5, ' typed');
    await other.push();
    const { stateVector, update: news } = await store.documents.pull({
      id: 'a',
      deviceId: 'phone',
      session: 'session 1',
      stateVector: Y.encodeStateVector(device.doc),
    });
    Y.applyUpdate(device.doc, news, 'server');
    const update = Y.encodeStateAsUpdate(device.doc, stateVector);
    const push: PushInput = {
      id: 'a',
      deviceId: 'phone',
      session: 'session 1',
      seq: 1,
      update,
      baseSeq: serverSeq,
    };
    expect(await store.documents.push(push)).toMatchObject({ outcome: 'merged' });
    expect(await words()).toEqual(['four', 'one', 'three', 'two', 'typed']);
  });

  test('may delete what it typed, and name the pull before: the rest is taken', async () => {
    await store.insert('a', 'one two', 'three four');
    const device = await Device.open(store.documents, 'a', 'phone');
    const { serverSeq } = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'session 1' });
    const before = Y.encodeStateVector(device.doc);
    device.paragraph(1).insert(0, 'typo ');
    device.paragraph(1).delete(0, 5);
    device.paragraph(1).insert(5, ' good');
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.fragment.delete(1, 1);
    await other.push();
    const update = Y.encodeStateAsUpdate(device.doc, before);
    const push: PushInput = {
      id: 'a',
      deviceId: 'phone',
      session: 'session 1',
      seq: 1,
      update,
      baseSeq: serverSeq,
    };
    expect(await store.documents.push(push)).toMatchObject({ outcome: 'merged' });
    expect(await words()).toEqual(['good', 'one', 'two']);
  });
});

describe('an update that waits', () => {
  test('keeps the base that its client named', async () => {
    await store.insert('a', 'one two', 'three four');
    const device = await Device.open(store.documents, 'a', 'phone');
    const { serverSeq } = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'session 1' });
    device.paragraph(0).insert(3, ' first');
    const first = device.takeUnsent();
    device.paragraph(0).insert(9, ' second');
    retype(device);
    const second = device.takeUnsent();
    const named = { id: 'a', deviceId: 'phone', session: 'session 1', baseSeq: serverSeq };
    expect(await store.documents.push({ ...named, seq: 2, update: second })).toMatchObject({
      outcome: 'pending',
    });
    await joinMeanwhile();
    await device.pull();
    await store.documents.push({ ...named, seq: 1, update: first });
    expect(await words()).toEqual(['first', 'four', 'one', 'second', 'three', 'two']);
  });

  test('and is refused by the legacy table when its turn comes leaves what a soak sees', async () => {
    await store.insert('a', 'one');
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('first');
    const first = device.takeUnsent();
    device.paragraph(1).insert(5, ' refused');
    const second = device.takeUnsent();
    await store.sql(`alter table documents add check (content::text not like '%refused%')`);
    const push = { id: 'a', deviceId: 'phone', session: 'session 1' };
    await store.documents.push({ ...push, seq: 2, update: second });
    expect(await store.documents.push({ ...push, seq: 1, update: first })).toMatchObject({
      outcome: 'applied',
    });
    expect(await store.texts('a')).toEqual(['one', 'first']);
    const failed = await store.sql(`select outcome, failed from dualpath.receipts where failed is not null`);
    expect(failed).toEqual([{ outcome: 'quarantined', failed: 'legacy' }]);
  });
});

describe('two people in a plain text', () => {
  const DDL = PLAIN.replace('content jsonb', 'content text');
  const open = async () => {
    store = await openStore({ documents: { format: 'text' } }, DDL);
    await store.sql(`insert into documents (id, owner_id, content) values ('a', 'u-1', 'alpha beta gamma')`);
    const device = async (deviceId: string) => {
      const { update } = await store.documents.pull({ id: 'a', deviceId, session: 's' });
      const doc = new Y.Doc({ gc: false });
      Y.applyUpdate(doc, update);
      const before = Y.encodeStateVector(doc);
      const push = () =>
        store.documents.push({
          id: 'a',
          deviceId,
          session: 's',
          seq: 1,
          update: Y.encodeStateAsUpdate(doc, before),
        });
      return { text: doc.getText('default'), push };
    };
    return [await device('phone'), await device('tablet')] as const;
  };
  const content = async () => (await store.sql(`select content from documents where id = 'a'`))[0]?.content;

  test('who correct the same word write it once', async () => {
    const devices = await open();
    for (const { text } of devices) {
      text.delete(6, 4);
      text.insert(6, 'BETA');
    }
    for (const { push } of devices) await push();
    expect(await content()).toBe('alpha BETA gamma');
  });

  test('of whom one deletes a word and the other writes behind it run no words together', async () => {
    const [one, two] = await open();
    one.text.delete(6, 5);
    two.text.insert(10, ' new');
    await one.push();
    await two.push();
    expect(await content()).toBe('alpha new gamma');
  });
});

describe('what a caller gets wrong', () => {
  test('content that no column can hold is refused by name, and says nothing of the write paths', async () => {
    await store.insert('a', 'one');
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    for (const content of ['{"type":', 'a text', paragraphs('\u0000')])
      await expect(store.documents.save({ id: 'a', content })).rejects.toMatchObject({
        code: 'invalid-content',
      });
    expect(await store.texts('a')).toEqual(['one']);
    expect(await store.sql(`select from dualpath.receipts where kind = 'save'`)).toEqual([]);
  });

  test('a connection that is in no transaction is no `tx`, and nothing is written', async () => {
    await store.insert('a', 'one');
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    const save = store.documents.save({ id: 'a', content: paragraphs('two') }, { tx: store.pool });
    await expect(save).rejects.toMatchObject({ code: 'bad-argument' });
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('a load without a revision is a base like none', async () => {
    const ddl = PLAIN.replace('revision bigint not null default 1,', '');
    store = await openStore(
      { documents: { columns: { id: 'id', owner: 'owner_id', content: 'content' } } },
      ddl,
    );
    const documents = await openDocumentStore({
      config: configObject({ documents: { columns: { id: 'id', owner: 'owner_id', content: 'content' } } }),
      pool: store.pool,
    });
    await store.insert('a', 'one');
    await documents.pull({ id: 'a', deviceId: 'phone' });
    const { revision } = await documents.load({ id: 'a', deviceId: 'desk' });
    const saved = await documents.save({
      id: 'a',
      content: paragraphs('two'),
      baseRevision: revision,
      deviceId: 'desk',
    });
    expect(saved).toMatchObject({ outcome: 'saved' });
  });

  test('a row that a plain write has spoilt sends the reader to the legacy editor from then on', async () => {
    await store.insert('a', 'one');
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    await store.sql(`update dualpath.documents set authority = 'local-first'`);
    await store.sql(
      `update documents set content = '{"type": "doc", "content": [{"type": "text", "text": "x"}]}'`,
    );
    await expect(store.documents.pull({ id: 'a', deviceId: 'phone' })).rejects.toMatchObject({
      code: 'quarantined',
    });
    expect(await store.documents.pathFor({ id: 'a', user: 'u-1' })).toBe('legacy');
  });
});
