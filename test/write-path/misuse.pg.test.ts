import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import { configObject } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one');
  await store.documents.pull({ id: 'a', deviceId: 'phone' });
});

const failures = () => store.sql(`select error from dualpath.receipts where failed is not null`);
const badArgument = { code: 'bad-argument', exitCode: 2, retryable: false };
const content = paragraphs('secret words');
/** As JavaScript calls it, which no compiler reads. */
const asJavaScript = <T>(value: unknown): T => value as T;

async function inTransaction<T>(begin: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const tx = await store.pool.connect();
  try {
    await tx.query(begin);
    return await work(tx);
  } finally {
    await tx.query('rollback');
    tx.release();
  }
}

describe('a mistake of the caller is named, writes nothing and fails no soak', () => {
  const calls: readonly (readonly [string, (documents: DocumentStore) => Promise<unknown>])[] = [
    ['an id with U+0000, save', (documents) => documents.save({ id: 'a\0b', content })],
    ['load', (documents) => documents.load({ id: 'a\0b' })],
    ['pull', (documents) => documents.pull({ id: 'a\0b', deviceId: 'phone' })],
    ['heartbeat', (documents) => documents.heartbeat({ id: 'a\0b', deviceId: 'phone' })],
    [
      'a `tx` that asks nothing',
      (documents) => documents.save({ id: 'a', content }, asJavaScript({ tx: 5 })),
    ],
    [
      'an option that is not known',
      (documents) => documents.save({ id: 'a', content }, asJavaScript({ client: {} })),
    ],
    [
      'a field that is not known',
      (documents) => documents.save(asJavaScript({ id: 'a', content, baserevision: 1 })),
    ],
  ];
  test.each(calls)('%s', async (_, call) => {
    await expect(call(store.documents)).rejects.toMatchObject(badArgument);
    expect(await store.texts('a')).toEqual(['one']);
    expect(await failures()).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['no config', {}],
    ['a pool that is none', { config: configObject({}), pool: 5 }],
    ['flags that are none', { config: configObject({}), flags: 5 }],
    ['an option that is not known', { config: configObject({}), client: {} }],
  ])('opening it with %s', async (_, options) => {
    await expect(openDocumentStore(asJavaScript(options))).rejects.toMatchObject(badArgument);
  });

  test('a transaction that failed before', async () => {
    await inTransaction('begin', async (tx) => {
      await tx.query('select 1 / 0').catch(() => undefined);
      await expect(store.documents.save({ id: 'a', content }, { tx })).rejects.toMatchObject(badArgument);
    });
    expect(await failures()).toEqual([]);
  });

  test.each([
    ['save', (tx: Queryable) => store.documents.save({ id: 'a', content }, { tx })],
    ['load', (tx: Queryable) => store.documents.load({ id: 'a', deviceId: 'phone' }, { tx })],
  ])('a read-only transaction of the caller, %s', async (_, call) => {
    await inTransaction('begin read only', async (tx) => {
      await expect(call(tx)).rejects.toMatchObject({ code: 'database-read-only', exitCode: 2 });
    });
    expect(await failures()).toEqual([]);
  });
});

test('a row that the table refuses is refused without a word of it', async () => {
  await store.sql(
    `alter table documents add constraint tidy check (position('secret' in content::text) = 0)`,
  );
  const error: unknown = await store.documents.save({ id: 'a', content, baseRevision: 1 }).catch((e) => e);
  expect(error).toMatchObject({ code: 'not-stored', details: { constraint: 'tidy', sqlState: '23514' } });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
  expect(await store.texts('a')).toEqual(['one']);
});

test('what it is told of a state vector that is none is about a state vector', async () => {
  const pulling = store.documents.pull({ id: 'a', deviceId: 'phone', stateVector: new Uint8Array([200]) });
  await expect(pulling).rejects.toMatchObject({
    code: 'update-rejected',
    message: expect.stringContaining('state vector'),
  });
});

test('an update of another life of the document is kept, and said to be of another one', async () => {
  const device = await Device.open(store.documents, 'a', 'phone');
  device.append('later');
  const update = device.takeUnsent();
  const pushing = store.documents.push({ id: 'a', deviceId: 'phone', seq: 1, update, lineage: 'zzz' });
  await expect(pushing).rejects.toMatchObject({
    code: 'lineage-ended',
    message: expect.stringContaining('another life'),
  });
  expect(await store.sql('select reason from dualpath.rejected')).toEqual([{ reason: 'lineage-ended' }]);
});
