import { beforeEach, expect, test } from 'vitest';
import { readLegacyRows } from '../../src/documents/legacy.ts';
import { readLinks } from '../../src/documents/links.ts';
import { readQuarantine } from '../../src/documents/quarantine.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { type PreparedRow, prepareRow, type Seeding, seedDocuments } from '../../src/write-path/seed.ts';
import { essay, openTables, type Tables } from '../documents/tables.ts';
import { textOf } from './state.ts';

let tables: Tables;
beforeEach(async () => {
  tables = await openTables();
  await sql(
    `insert into documents (id, owner_id, content)
     select 'd' || n, 'u-1', $1 from generate_series(1, 4) n`,
    essay('one'),
  );
  await sql('update documents set content = null where id = $1', 'd4');
});

const sql = async (text: string, ...values: readonly unknown[]) =>
  (await tables.pool.query(text, [...values])).rows;
const IDS = ['d1', 'd2', 'd3', 'd4'];
const prepare = async (...ids: readonly string[]): Promise<readonly PreparedRow[]> =>
  (await readLegacyRows(tables.pool, tables.stores, ids)).map((row) => prepareRow(tables.stores, row));
const seed = (rows: readonly PreparedRow[]): Promise<Seeding> =>
  inTransaction(tables.pool, (tx) => seedDocuments(tx, tables.stores, 'everyone', rows));

test('a batch is seeded, and what does not convert is quarantined beside it', async () => {
  expect(await seed(await prepare(...IDS))).toEqual({ seeded: 3, quarantined: 1, stale: [] });
  expect((await readLinks(tables.pool, IDS)).map(({ id }) => id)).toEqual(['d1', 'd2', 'd3']);
  expect(await readQuarantine(tables.pool, IDS)).toMatchObject([{ id: 'd4', code: 'no-content' }]);
});

test('a row that changed since it was read is given back, one that went is not there any more', async () => {
  const rows = await prepare(...IDS);
  await sql(`update documents set content = $1 where id = 'd2'`, essay('two'));
  await sql(`delete from documents where id = 'd3'`);
  expect(await seed(rows)).toEqual({ seeded: 1, quarantined: 1, stale: ['d2'] });
  expect(await textOf(tables.pool, tables.stores, 'd2')).toBeNull();
  expect(await textOf(tables.pool, tables.stores, 'd3')).toBeNull();
});

test('a second seed is refused: the first one stands', async () => {
  const rows = await prepare('d1');
  await seed(rows);
  await sql(`update documents set content = $1 where id = 'd1'`, essay('two'));
  expect(await seed(await prepare('d1'))).toEqual({ seeded: 0, quarantined: 0, stale: [] });
  expect(await textOf(tables.pool, tables.stores, 'd1')).toBe('one');
  expect(await sql(`select count(*)::int as n from dualpath.updates`)).toEqual([{ n: 1 }]);
});

test('two that seed the same documents at once give each one seed', async () => {
  const rows = await prepare('d1', 'd2', 'd3');
  const done = await Promise.all([seed(rows), seed(rows), seed(rows)]);
  expect(done.reduce((sum, { seeded }) => sum + seeded, 0)).toBe(3);
  expect(await sql(`select document_id from dualpath.updates order by 1`)).toHaveLength(3);
});

test('a batch takes as many statements as one document', async () => {
  const counted = async (rows: readonly PreparedRow[]): Promise<number> =>
    inTransaction(tables.pool, async (tx) => {
      let statements = 0;
      const counting: Queryable = {
        query: (text, values) => {
          statements += 1;
          return tx.query(text, values);
        },
      };
      await seedDocuments(counting, tables.stores, 'everyone', rows);
      return statements;
    });
  const [first, ...others] = await prepare('d1', 'd2', 'd3');
  expect(await counted(first ? [first] : [])).toBe(await counted(others));
});

test('an empty document has a seed that holds nothing, registered without a client', async () => {
  const empty = '{"type":"doc","content":[]}';
  await sql(
    `insert into documents (id, owner_id, content) values ('e1', 'u-1', $1), ('e2', 'u-1', $1)`,
    empty,
  );
  expect(await seed(await prepare('e1', 'e2'))).toMatchObject({ seeded: 2 });
  expect(await sql('select client from dualpath.updates')).toEqual([{ client: null }, { client: null }]);
});
