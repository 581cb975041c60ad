import { beforeEach, describe, expect, test } from 'vitest';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { configObject, essay, openTables, PLAIN, type Tables } from '../documents/tables.ts';
import { textOf } from './state.ts';

let tables: Tables;
let documents: DocumentStore;
beforeEach(async () => {
  tables = await openTables(PLAIN);
  documents = await openDocumentStore({ config: configObject({}), pool: tables.pool });
});

const insert = (id: string, text: string) =>
  tables.pool.query('insert into documents (id, owner_id, content) values ($1, $2, $3)', [
    id,
    'u-1',
    essay(text),
  ]);
const row = async (id: string) =>
  (await tables.pool.query('select content, revision::int as revision from documents where id = $1', [id]))
    .rows[0];
const doc = (...paragraphs: readonly string[]) => ({
  type: 'doc',
  content: paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
});

describe('a save', () => {
  test('reaches both stores', async () => {
    await insert('a', 'one');
    const saved = await documents.save({ id: 'a', content: doc('one two'), baseRevision: 1 });
    expect(saved).toEqual({ revision: 2, head: { revision: 2, content: doc('one two') }, outcome: 'saved' });
    expect((await row('a')).content).toEqual(doc('one two'));
    expect(await textOf(tables.pool, tables.stores, 'a')).toBe('one two');
  });

  test('of a stale base is merged with what came meanwhile, and makes two revisions', async () => {
    await insert('a', 'one two three four');
    await documents.save({ id: 'a', content: doc('zero one two three four'), baseRevision: 1 });
    const merged = await documents.save({
      id: 'a',
      content: doc('one two three four five'),
      baseRevision: 1,
    });
    expect(merged).toMatchObject({ revision: 3, head: { revision: 4 }, outcome: 'merged' });
    expect(await textOf(tables.pool, tables.stores, 'a')).toBe('zero one two three four five');
    expect(await row('a')).toEqual({ content: doc('zero one two three four five'), revision: 4 });
    const next = await documents.save({
      id: 'a',
      content: doc('one two three four five six'),
      baseRevision: 3,
    });
    expect(next.outcome).toBe('merged');
    expect(await textOf(tables.pool, tables.stores, 'a')).toBe('zero one two three four five six');
  });
});
