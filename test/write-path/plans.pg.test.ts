import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { configObject } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type Pooler, startPooler } from '../support/pooler.ts';
import { type OpenStore, openStore } from './store.ts';

/** Connections keep the plans of the store's statements, and what becomes of that is nobody's trouble. */
let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one');
});

const save = async (documents: DocumentStore, ...texts: readonly string[]) => {
  const { revision } = await documents.load({ id: 'a' });
  return documents.save({ id: 'a', content: paragraphs(...texts), baseRevision: revision ?? 0 });
};

describe('the plans of statements', () => {
  test('are kept by a connection', async () => {
    await save(store.documents, 'two');
    const client = await store.pool.connect();
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_prepared_statements where name like 'dualpath%'`,
    );
    client.release();
    expect(rows[0]?.count).toBeGreaterThan(1);
  });

  test('are made anew when the application changes a column under them', async () => {
    for (const text of ['two', 'three', 'four']) await save(store.documents, text);
    await store.sql('alter table documents alter column owner_id type varchar(40)');
    await store.sql('alter table documents alter column revision type int');
    expect(await save(store.documents, 'five')).toMatchObject({ outcome: 'saved' });
    expect(await store.texts('a')).toEqual(['five']);
  });
});

describe('behind a pooler that forgets them between two transactions', () => {
  let pooler: Pooler;
  let pool: Pool;
  beforeEach(async () => {
    pooler = await startPooler(store.database.url, { connections: 2 });
    pool = openPool(pooler.url, { max: 4 });
  });
  afterEach(async () => {
    await pool.end();
    await pooler.close();
  });

  test('saves and pushes go through, several at once', async () => {
    const documents = await openDocumentStore({ config: configObject({}), pool });
    for (let round = 0; round < 5; round++) {
      const device = await Device.open(documents, 'a', `phone ${round}`);
      device.append(`pushed${round}`);
      const { revision } = await documents.load({ id: 'a' });
      const { content } = await documents.load({ id: 'a' });
      const saved = { ...(content as object), content: [...(content as { content: object[] }).content] };
      saved.content.unshift(...paragraphs(`saved${round}`).content);
      await Promise.all([
        device.push(documents),
        documents.save({ id: 'a', content: saved, baseRevision: revision ?? 0 }),
      ]);
    }
    const texts = await store.texts('a');
    const expected = Array.from({ length: 5 }, (_, round) => [`saved${round}`, `pushed${round}`]).flat();
    expect([...texts].sort()).toEqual(['one', ...expected].sort());
    await documents.close();
  });
});
