import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { coverage, missingPage } from '../../src/documents/coverage.ts';
import { documentKey } from '../../src/documents/document-key.ts';
import { readLinks } from '../../src/documents/links.ts';
import { pageMembers } from '../../src/documents/members.ts';
import { readQuarantine } from '../../src/documents/quarantine.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { takeIn } from '../../src/write-path/ingest.ts';
import { essay, openTables, PLAIN, queue, type Tables } from '../documents/tables.ts';
import { plainText, textOf } from './state.ts';

let tables: Tables;
const sql = async (text: string, ...values: readonly unknown[]) =>
  (await tables.pool.query(text, [...values])).rows;
const insert = (id: string, text: string, owner = 'u-1') =>
  sql('insert into documents (id, owner_id, content) values ($1, $2, $3)', id, owner, essay(text));
const write = (id: string, text: string) =>
  sql('update documents set content = $2, revision = revision + 1 where id = $1', id, essay(text));
const text = (id: string) => textOf(tables.pool, tables.stores, id);
const versions = async () =>
  (await sql('select content, legacy_revision from dualpath.versions order by id')).map(
    ({ content, legacy_revision: revision }) => `r${revision} ${plainText(JSON.parse(content as string))}`,
  );

describe('catching up', () => {
  beforeEach(async () => {
    tables = await openTables(PLAIN, {
      cohorts: [
        { name: 'pilot', match: { school: ['s-1'] } },
        { name: 'rest', everyone: true },
      ],
      stages: { rest: 'planned' },
    });
  });
  const catchUpNow = () => catchUp(tables.pool, tables.stores);

  test('seeds what has no seed, takes in each later write, and empties the queue', async () => {
    await insert('a', 'one');
    expect(await catchUpNow()).toMatchObject({ seeded: 1, taken: 0, left: 0 });
    await write('a', 'one two');
    expect(await catchUpNow()).toMatchObject({ seeded: 0, taken: 1 });
    expect(await text('a')).toBe('one two');
    expect(await queue(tables.pool)).toEqual([]);
  });

  test('counts what it did with each document', async () => {
    for (const id of ['deleted', 'changed', 'same']) await insert(id, 'one');
    await catchUpNow();
    await write('changed', 'two');
    await sql(
      `delete from documents where id = 'deleted'; update documents set revision = 5 where id = 'same'`,
    );
    await insert('new', 'one');
    await sql(`insert into documents (id, owner_id) values ('odd', 'u-1')`);
    const seen: number[] = [];
    const done = await catchUp(tables.pool, tables.stores, { onProgress: ({ taken }) => seen.push(taken) });
    expect(done).toEqual({ taken: 1, seeded: 1, moved: 0, deleted: 1, quarantined: 1, left: 0, holders: [] });
    expect(seen.at(-1)).toBe(1);
  });

  test('drops the captures of documents in no started cohort without reading them', async () => {
    await insert('theirs', 'one', 'u-2');
    expect(await catchUpNow()).toMatchObject({ seeded: 0, quarantined: 0 });
    expect(await queue(tables.pool)).toEqual([]);
    expect(await text('theirs')).toBeNull();
  });

  test('keeps every content that was replaced before it could be taken in, once', async () => {
    await insert('a', 'one');
    await catchUpNow();
    for (const words of ['two', 'three', 'two', 'four']) await write('a', words);
    expect(await catchUpNow()).toMatchObject({ taken: 1 });
    expect(await text('a')).toBe('four');
    expect(await versions()).toEqual(['r3 three', 'r4 two']);
  });

  test('keeps the last words of a document that was deleted before they could be taken in', async () => {
    await insert('a', 'one');
    await catchUpNow();
    await write('a', 'last words');
    await sql('delete from documents');
    expect(await catchUpNow()).toMatchObject({ deleted: 1 });
    expect(await versions()).toEqual(['r2 last words']);
  });

  test('takes TRUNCATE for what it is', async () => {
    await insert('a', 'one');
    await insert('b', 'one');
    await catchUpNow();
    await sql('truncate documents');
    expect(await catchUpNow()).toMatchObject({ deleted: 2 });
    expect((await readLinks(tables.pool, ['a', 'b'])).map(({ deletedAt }) => deletedAt !== null)).toEqual([
      true,
      true,
    ]);
  });

  test('takes a changed id for one document deleted and another one created', async () => {
    await insert('a', 'one');
    await catchUpNow();
    await sql(`update documents set id = 'b'`);
    expect(await catchUpNow()).toMatchObject({ deleted: 1, seeded: 1 });
    expect(await text('b')).toBe('one');
  });

  test('leaves a row that somebody keeps locked, names the session, and takes it in the next time', async () => {
    for (const id of ['free', 'held', 'other']) await insert(id, 'one');
    await catchUpNow();
    for (const id of ['free', 'held', 'other']) await write(id, 'two');
    const long = await tables.pool.connect();
    const { rows } = await long.query('select pg_backend_pid() as pid');
    await long.query(`begin; select from documents where id = 'held' for update`);
    expect(await catchUpNow()).toMatchObject({ taken: 2, left: 1, holders: [rows[0]?.pid] });
    expect(await text('free')).toBe('two');
    expect(await queue(tables.pool)).toMatchObject([{ subject: 'held' }]);
    await long.query('commit');
    long.release();
    expect(await catchUpNow()).toMatchObject({ taken: 1, left: 0, holders: [] });
    expect(await text('held')).toBe('two');
  });

  test('waits for a row that is held for a moment', async () => {
    await insert('a', 'one');
    await catchUpNow();
    await write('a', 'two');
    const brief = await tables.pool.connect();
    await brief.query(`begin; select from documents where id = 'a' for update`);
    const catching = catchUpNow();
    await brief.query('select pg_sleep(0.15); commit');
    brief.release();
    expect(await catching).toMatchObject({ taken: 1, left: 0 });
  });

  test('quarantines the one document that the database refuses to store, and goes on with the rest', async () => {
    await sql(`alter table local_first.documents add check (octet_length(state) < 2000)`);
    for (let n = 0; n < 5; n += 1) await insert(`d${n}`, n === 2 ? 'word '.repeat(1_000) : `short ${n}`);
    expect(await catchUpNow()).toMatchObject({ seeded: 4, quarantined: 1 });
    expect(await readQuarantine(tables.pool, ['d2'])).toMatchObject([
      { code: 'not-stored', reason: 'The database refuses to store it (SQLSTATE 23514).' },
    ]);
    expect(await queue(tables.pool)).toEqual([]);
  });

  test('goes through large contents in small transactions', async () => {
    // Random, so that it stays as large where it is stored.
    for (let n = 0; n < 4; n += 1) await insert(`big${n}`, randomBytes(600_000).toString('base64'));
    let steps = 0;
    const done = await catchUp(tables.pool, tables.stores, { onProgress: () => (steps += 1) });
    expect(done).toMatchObject({ seeded: 4, left: 0 });
    expect(steps).toBeGreaterThan(1);
  });

  test('stops between two transactions when it is told to, and loses nothing', async () => {
    for (let n = 0; n < 40; n += 1) await insert(`d${n}`, 'one');
    const stop = new AbortController();
    const work = catchUp(tables.pool, tables.stores, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(work).rejects.toThrow('abort');
    const { length } = await queue(tables.pool);
    expect(length).toBeGreaterThan(0);
    expect(await catchUpNow()).toMatchObject({ seeded: length });
  });

  test('takes in a transaction that commits long after later ones', async () => {
    const early = await tables.pool.connect();
    await early.query('begin');
    await early.query(`insert into documents (id, owner_id, content) values ('early', 'u-1', $1)`, [
      essay('early'),
    ]);
    await insert('late', 'late');
    expect(await catchUpNow()).toMatchObject({ seeded: 1 });
    await early.query('commit');
    early.release();
    expect(await catchUpNow()).toMatchObject({ seeded: 1 });
    expect(await text('early')).toBe('early');
  });

  test('seeds the documents of a user who comes in, and of one whose school is set later', async () => {
    await insert('a', 'one', 'u-9');
    await insert('b', 'one', 'u-2');
    expect(await catchUpNow()).toMatchObject({ seeded: 0 });
    await sql(`insert into users values ('u-9', 's-1'); update users set school_id = 's-1' where id = 'u-2'`);
    expect(await catchUpNow()).toMatchObject({ seeded: 2 });
  });
});

test('where users are a view, a change of cohort is found by comparing', async () => {
  tables = await openTables(
    `create table accounts (id text, school text);
     create view users as select id, school as school_id from accounts;
     create table documents (id text primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz);
     insert into accounts values ('u-1', 's-1')`,
    {
      cohorts: [
        { name: 'one', match: { school: ['s-1'] } },
        { name: 'two', match: { school: ['s-2'] } },
      ],
    },
  );
  await insert('a', 'one');
  expect(await catchUp(tables.pool, tables.stores)).toMatchObject({ seeded: 1, moved: 0 });
  await sql(`update accounts set school = 's-2'`);
  expect(await catchUp(tables.pool, tables.stores)).toMatchObject({ moved: 1 });
  expect(await readLinks(tables.pool, ['a'])).toMatchObject([{ cohort: 'two' }]);
  expect(await catchUp(tables.pool, tables.stores)).toMatchObject({ moved: 0 });
});

describe('an id that is too long for any index', () => {
  const LONG = randomBytes(5_000).toString('hex');

  test('is quarantined under its key, and everything else goes on', async () => {
    tables = await openTables(`
      create table users (id text primary key, school_id text);
      create table documents (id text not null, owner_id text, content jsonb, revision bigint, updated_at timestamptz,
                              exclude using hash (id with =))`);
    await insert(LONG, 'one');
    await insert(`${LONG}-2`, 'one');
    await insert('short', 'one');
    expect(await catchUp(tables.pool, tables.stores)).toMatchObject({ seeded: 1, quarantined: 2 });
    const key = documentKey(LONG);
    expect(await readQuarantine(tables.pool, [key])).toMatchObject([
      { code: 'id-too-long', cohort: 'everyone' },
    ]);
    expect(await coverage(tables.pool, tables.stores, 'everyone')).toMatchObject({ members: 3, missing: 0 });
    await sql('delete from documents where id <> $1', 'short');
    await catchUp(tables.pool, tables.stores);
    expect(await readQuarantine(tables.pool, [key])).toEqual([]);
  });

  test('is found by set difference and paged over like any other', async () => {
    tables = await openTables(`
      create table users (id text primary key, school_id text);
      create table documents (id text not null, owner_id text, content jsonb, revision bigint, updated_at timestamptz,
                              exclude using hash (id with =))`);
    for (const id of ['a', `m${LONG}`, `m${LONG}z`, 'z']) await insert(id, 'one');
    await sql('delete from dualpath.captures');
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: readonly { readonly id: string }[] = await pageMembers(
        tables.pool,
        tables.stores,
        'everyone',
        {
          after,
          upto: null,
          limit: 1,
        },
      );
      after = page.at(-1)?.id ?? null;
      if (after === null) break;
      ids.push(after);
    }
    expect(ids).toEqual(['a', documentKey(`m${LONG}`), documentKey(`m${LONG}z`), 'z']);
    const missing = await missingPage(tables.pool, tables.stores, 'everyone', null, 10);
    expect(missing).toEqual(ids);
    await inTransaction(tables.pool, (tx) => takeIn(tx, tables.stores, missing));
    expect(await coverage(tables.pool, tables.stores, 'everyone')).toMatchObject({ members: 4, missing: 0 });
  });
});
