import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { Device } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
let phone: Device;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one');
  phone = await Device.open(store.documents, 'a', 'phone');
});

const reasons = () =>
  store.sql(
    `select reasons from dualpath.conflicts where class = 'quarantine' and resolved_at is null order by id`,
  );

describe('what a device writes after an update that was refused', () => {
  test.each([
    [
      'set apart',
      async () => {
        phone.paragraph(0).insertEmbed(0, { src: 'x' });
        expect(await phone.push()).toMatchObject({ outcome: 'quarantined' });
      },
    ],
    [
      'rejected',
      async () => {
        phone.doc.getMap('comments').set('a', 1);
        await expect(phone.push()).rejects.toMatchObject({ code: 'update-rejected' });
      },
    ],
  ])('is quarantined and named, once for all its pushes, where that one was %s', async (_, refuse) => {
    await refuse();
    const before = (await reasons()).length;
    const named = new Set<string | undefined>();
    for (const text of ['two', 'three']) {
      phone.append(text);
      const pushed = await phone.push();
      expect(pushed).toMatchObject({ outcome: 'quarantined', conflict: expect.any(String) });
      named.add(pushed.conflict);
    }
    expect((await reasons()).slice(before)).toEqual([{ reasons: ['builds-on-refused'] }]);
    expect(named.size).toBe(1);
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('comes in by itself when the one before it does', async () => {
    await store.sql(`alter table documents add constraint tidy check (content::text not like '%forbidden%')`);
    phone.append('forbidden');
    const first = phone.takeUnsent();
    const push = (seq: number, update: Uint8Array) =>
      store.documents.push({ id: 'a', deviceId: 'phone', session: 'session 1', seq, update });
    expect(await push(1, first)).toMatchObject({ outcome: 'quarantined' });
    phone.append('two');
    const second = phone.takeUnsent();
    expect(await push(2, second)).toMatchObject({ outcome: 'quarantined' });
    await store.sql('alter table documents drop constraint tidy');
    expect(await push(3, first)).toMatchObject({ outcome: 'applied' });
    expect(await store.texts('a')).toEqual(['one', 'forbidden', 'two']);
  });

  test('is named, too, where it came first and waited', async () => {
    phone.paragraph(0).insertEmbed(0, { src: 'x' });
    const first = phone.takeUnsent();
    phone.append('two');
    expect(await phone.push()).toMatchObject({ outcome: 'pending' });
    const late = { id: 'a', deviceId: 'phone', session: 'session 1', seq: 1, update: first };
    expect(await store.documents.push(late)).toMatchObject({ outcome: 'quarantined' });
    expect((await reasons()).at(-1)).toEqual({ reasons: ['builds-on-refused'] });
  });

  test('is named where several came first and waited, one on the other', async () => {
    phone.paragraph(0).insertEmbed(0, { src: 'x' });
    const first = phone.takeUnsent();
    for (const text of ['two', 'three', 'four']) {
      phone.append(text);
      expect(await phone.push()).toMatchObject({ outcome: 'pending' });
    }
    const late = { id: 'a', deviceId: 'phone', session: 'session 1', seq: 1, update: first };
    expect(await store.documents.push(late)).toMatchObject({ outcome: 'quarantined' });
    expect((await reasons()).slice(1)).toEqual([{ reasons: ['builds-on-refused'] }]);
    const apart = await store.sql(`select apart from dualpath.updates where apart is not null order by seq`);
    expect(apart.map((each) => each.apart)).toEqual([...Array(3).fill('builds-on-refused'), 'wrong-content']);
  });

  test('costs the pushes of others nothing, however much of it there is', async () => {
    phone.paragraph(0).insertEmbed(0, { src: 'x' });
    await phone.push();
    const tablet = await Device.open(store.documents, 'a', 'tablet');
    const queriesOfAPush = async (stuck: number) => {
      for (let i = 0; i < stuck; i++) {
        phone.append(`stuck ${i}`);
        await phone.push();
      }
      tablet.append('more');
      const update = tablet.takeUnsent();
      const counted = { queries: 0 };
      await inTransaction(store.pool, (tx) =>
        store.documents.push(
          { id: 'a', deviceId: 'tablet', session: 'session 1', seq: tablet.seq, update },
          {
            tx: {
              query: (text: string, values?: readonly unknown[]) => {
                counted.queries++;
                return tx.query(text, values);
              },
            },
          },
        ),
      );
      return counted.queries;
    };
    // The first of a device is known by its client id from then on.
    await queriesOfAPush(1);
    expect(await queriesOfAPush(20)).toBe(await queriesOfAPush(1));
  });

  test('holds up no other device, nor the same one that opened the document anew', async () => {
    phone.paragraph(0).insertEmbed(0, { src: 'x' });
    await phone.push();
    phone.append('two');
    await phone.push();
    for (const session of ['session 1', 'session 2']) {
      const device = await Device.open(
        store.documents,
        'a',
        session === 'session 1' ? 'tablet' : 'phone',
        session,
      );
      device.append(session);
      expect(await device.push()).toMatchObject({ outcome: 'applied' });
    }
    expect(await store.texts('a')).toEqual(['one', 'session 1', 'session 2']);
  });
});

test('an update that waits for one that never came is pending still', async () => {
  phone.append('two');
  const first = phone.takeUnsent();
  phone.append('three');
  expect(await phone.push()).toMatchObject({ outcome: 'pending' });
  expect(Y.parseUpdateMeta(first).to.size).toBe(1);
  await store.documents.push({ id: 'a', deviceId: 'phone', session: 'session 1', seq: 1, update: first });
  expect(await store.texts('a')).toEqual(['one', 'two', 'three']);
});

test('an update that meets a state which another program broke is not blamed: it comes in once that is mended', async () => {
  const broken = new Y.Doc({ gc: false });
  Y.applyUpdate(broken, Y.encodeStateAsUpdate(phone.doc));
  ((broken.getXmlFragment('default').get(0) as Y.XmlElement).get(0) as Y.XmlText).insertEmbed(0, {
    src: 'x',
  });
  const [whole] = await store.sql('select state from local_first.documents');
  await store.sql('update local_first.documents set state = $1', Buffer.from(Y.encodeStateAsUpdate(broken)));
  phone.append('two');
  expect(await phone.push()).toMatchObject({ outcome: 'quarantined', conflict: expect.any(String) });
  expect(await reasons()).toEqual([{ reasons: ['document-unreadable'] }]);
  phone.append('three');
  expect(await phone.push()).toMatchObject({ outcome: 'quarantined' });
  await store.sql('update local_first.documents set state = $1', whole?.state);
  phone.append('four');
  expect(await phone.push()).toMatchObject({ outcome: 'applied' });
  expect(await store.texts('a')).toEqual(['one', 'two', 'three', 'four']);
});
