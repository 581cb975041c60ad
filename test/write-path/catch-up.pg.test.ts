import { expect, test } from 'vitest';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { essay, openTables, queue } from '../documents/tables.ts';
import { textOf } from './state.ts';

test('a document written by plain SQL is seeded, and each later write is taken in', async () => {
  const { pool, stores } = await openTables();
  await pool.query(`insert into documents (id, owner_id, content) values ('a', 'u-1', $1)`, [essay('one')]);

  expect(await catchUp(pool, stores)).toMatchObject({ seeded: 1, taken: 0, left: 0 });
  expect(await textOf(pool, stores, 'a')).toBe('one');

  await pool.query(`update documents set content = $1, revision = revision + 1 where id = 'a'`, [
    essay('one two'),
  ]);
  expect(await catchUp(pool, stores)).toMatchObject({ seeded: 0, taken: 1 });
  expect(await textOf(pool, stores, 'a')).toBe('one two');
  expect(await queue(pool)).toEqual([]);
});
