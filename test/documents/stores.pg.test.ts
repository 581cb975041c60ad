import { beforeAll, expect, test } from 'vitest';
import { openStores } from '../../src/documents/stores.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { configOf, PLAIN, type TablesOptions } from './tables.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query(`${PLAIN};
    create table keyless (like documents);
    create table deferred (like documents);
    alter table deferred add unique (id) deferrable;
    create table odd (id numeric primary key, owner_id text, content bytea, revision text, updated_at timestamptz);
    create view shown as select * from documents;
    create table states (id text primary key, state bytea, updated_at timestamptz, kind text not null);
    create table texts (id text primary key, state text, updated_at timestamptz)`);
});

const table = (name: string, columns: object = {}): TablesOptions => ({
  documents: {
    table: `public.${name}`,
    columns: { id: 'id', owner: 'owner_id', content: 'content', ...columns },
  },
});

test.each<[string, TablesOptions, string, string]>([
  ['a table that is not there', table('nowhere'), 'missing-table', 'Correct documents.table'],
  ['a view', table('shown'), 'not-a-table', 'Name the table itself'],
  ['no primary key', table('keyless'), 'no-unique-key', 'Add a primary key on id'],
  ['a key that is checked at the commit only', table('deferred'), 'no-unique-key', 'Add a primary key on id'],
  [
    'a column that is not there',
    table('documents', { content: 'body' }),
    'missing-column',
    'the columns are id',
  ],
  ['an id of another type', table('odd'), 'unsupported-type', 'text, uuid or an integer'],
  ['content of another type', table('odd', { id: 'owner_id' }), 'no-unique-key', 'primary key'],
  [
    'a revision that is no number',
    table('documents', { revision: 'owner_id' }),
    'unsupported-type',
    'a whole number',
  ],
  [
    'content that is a number',
    table('documents', { content: 'views' }),
    'unsupported-type',
    'jsonb, json or text',
  ],
  ['users that are not there', { users: { table: 'public.people' } }, 'missing-table', 'Correct users.table'],
  [
    'an attribute that is not there',
    { users: { attributes: { city: 'city' } } },
    'missing-column',
    'users.attributes.city',
  ],
])('%s is one clear error before anything is touched', async (_what, options, code, remedy) => {
  await expect(openStores(database.pool, configOf(options))).rejects.toMatchObject({
    code,
    exitCode: 2,
    remedy: expect.stringContaining(remedy),
  });
});
