import { describe, expect, test } from 'vitest';
import { paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

const BASE = 'one two three four five';
const WRITTEN = 'one two alpha beta three four five';
const SAVED = 'one two gamma three four six';

/** Seeded, shown to a desk, and then written by a program that knows nothing of dualpath. */
async function writtenPast(store: OpenStore, update: string): Promise<void> {
  await store.insert('a', BASE);
  await store.documents.pull({ id: 'a', deviceId: 'other' });
  await store.documents.load({ id: 'a', deviceId: 'desk' });
  await store.sql(update, 'a', paragraphs(WRITTEN));
}

const numbered = async () => {
  const store = await openStore();
  await writtenPast(store, 'update documents set content = $2, revision = revision + 1 where id = $1');
  return store;
};
const unnumbered = async () => {
  const store = await openStore({
    documents: { columns: { id: 'id', owner: 'owner_id', content: 'content' } },
  });
  await writtenPast(store, 'update documents set content = $2 where id = $1');
  return store;
};
const reviews = async (store: OpenStore) =>
  (await store.sql(`select reasons from dualpath.conflicts where class = 'needs-review'`)).flatMap(
    ({ reasons }) => reasons as readonly string[],
  );

describe.each([
  ['with a number of its own', numbered],
  ['without a number', unnumbered],
])('what plain SQL wrote to a row %s, and was loaded,', (_, open) => {
  test('is the base of the save that names it: what it deletes is gone, what it keeps stands once', async () => {
    const store = await open();
    const { content, revision } = await store.documents.load({ id: 'a', deviceId: 'desk' });
    expect(content).toEqual(paragraphs(WRITTEN));
    const save = { id: 'a', content: paragraphs(SAVED), deviceId: 'desk', baseRevision: revision };
    await store.documents.save(save);
    expect(await store.texts('a')).toEqual([SAVED]);
    expect(await reviews(store)).toEqual([]);
  });

  test('is not passed over for what a device that names only itself was shown before', async () => {
    const store = await open();
    await store.documents.load({ id: 'a', deviceId: 'desk' });
    const content = paragraphs('one two alpha gamma beta three four five');
    await store.documents.save({ id: 'a', content, deviceId: 'desk' });
    expect(await store.texts('a')).toEqual(['one two alpha gamma beta three four five']);
  });
});

test('a row that somebody keeps locked is served all the same, and what was served before is certain no more', async () => {
  const store = await numbered();
  const client = await store.pool.connect();
  await client.query('begin');
  await client.query(`select from documents where id = 'a' for update`);
  const { content } = await store.documents.load({ id: 'a', deviceId: 'desk' });
  expect(content).toEqual(paragraphs(WRITTEN));
  await client.query('rollback');
  client.release();
  await store.documents.save({ id: 'a', deviceId: 'desk', content: paragraphs(SAVED) });
  expect(await reviews(store)).toContain('base-inferred');
});
