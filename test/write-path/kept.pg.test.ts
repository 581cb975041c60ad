import { Pool } from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { openDocumentStore } from '../../src/index.ts';
import { configObject } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

const OPTIONS = { documents: { where: 'deleted_at is null' } };

let store: OpenStore;
beforeEach(async () => {
  store = await openStore(OPTIONS);
});

const kept = async () =>
  (await store.sql('select device_id, reason from dualpath.rejected')).map(
    (each) => `${each.device_id} ${each.reason}`,
  );

test('everything that is sent for a deleted document is kept, however much, whatever another device sent', async () => {
  await store.insert('a', 'one');
  const phone = await Device.open(store.documents, 'a', 'phone');
  for (let n = 1; n <= 60; n++) {
    const update = new Uint8Array([1, 2, n]);
    await store.documents.push({ id: 'a', deviceId: 'broken', seq: n, update }).catch(() => undefined);
  }
  await store.sql(`update documents set deleted_at = now() where id = 'a'`);
  for (let n = 1; n <= 60; n++) {
    phone.append(`word${n}`);
    await expect(phone.push()).rejects.toMatchObject({ code: 'deleted' });
  }
  await expect(
    store.documents.save({ id: 'a', deviceId: 'desk', content: paragraphs('late') }),
  ).rejects.toMatchObject({ code: 'deleted' });
  const all = await kept();
  expect(all.filter((each) => each === 'phone deleted')).toHaveLength(60);
  expect(all).toContain('desk deleted');
  // Of damaged bytes, enough to find out what the client does.
  expect(all.filter((each) => each.startsWith('broken'))).toHaveLength(50);
});

test('what is rejected in a transaction on the only connection of a pool is answered, and kept', async () => {
  await store.insert('a', 'one');
  const { connectionString } = (store.pool as unknown as { options: { connectionString: string } }).options;
  const pool = new Pool({ connectionString, max: 1 });
  const documents = await openDocumentStore({ config: configObject(OPTIONS), pool });
  await documents.pull({ id: 'a', deviceId: 'phone' });
  const client = await pool.connect();
  await client.query('begin');
  await expect(
    documents.push({ id: 'a', deviceId: 'phone', seq: 1, update: new Uint8Array([1, 2, 3]) }, { tx: client }),
  ).rejects.toMatchObject({ code: 'update-rejected' });
  await client.query('rollback');
  client.release();
  await pool.query('select');
  expect(await kept()).toHaveLength(1);
  await pool.end();
});

test('a save that comes again for a document without a local-first form is answered with its content', async () => {
  await store.sql(
    `insert into documents (id, owner_id, content) values ('held', 'u-1', '{"type": "doc", "content": 7}')`,
  );
  const planned = await openStore({ ...OPTIONS, stages: { everyone: 'planned' } });
  await planned.insert('planned', 'one');
  for (const [{ documents }, id, content] of [
    [store, 'held', { type: 'doc', content: 8 }],
    [planned, 'planned', paragraphs('one two')],
  ] as const) {
    const save = { id, content, baseRevision: 1, deviceId: 'desk', saveId: 'x' };
    const first = await documents.save(save);
    expect(await documents.save(save)).toMatchObject({ outcome: 'duplicate', head: first.head });
    expect(first.head.content).not.toBeNull();
  }
});

test('a save of a document in no started cohort waits for a lock no longer than any other', async () => {
  const planned = await openStore({ ...OPTIONS, stages: { everyone: 'planned' } });
  await planned.insert('a', 'one');
  const client = await planned.pool.connect();
  await client.query('begin');
  await client.query(`select from documents where id = 'a' for update`);
  await expect(
    planned.documents.save({ id: 'a', content: paragraphs('two'), deviceId: 'desk' }),
  ).rejects.toMatchObject({ code: 'locked' });
  await client.query('rollback');
  client.release();
});

test('a call on a store that was closed is told so, and may be tried on another one', async () => {
  await store.documents.close();
  await expect(store.documents.load({ id: 'a' })).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
    message: expect.stringContaining('closed'),
  });
});

test('a save on a stale base says so in a document of no started cohort, with a saveId and without', async () => {
  const planned = await openStore({ ...OPTIONS, stages: { everyone: 'planned' } });
  for (const [id, named] of [
    ['a', {}],
    ['b', { saveId: 'x' }],
  ] as const) {
    await planned.insert(id, 'one');
    await planned.documents.save({ id, content: paragraphs('two'), baseRevision: 1 });
    const stale = { id, content: paragraphs('three'), baseRevision: 1, ...named };
    expect(await planned.documents.save(stale)).toMatchObject({ outcome: 'overwrote', revision: 3 });
  }
});
