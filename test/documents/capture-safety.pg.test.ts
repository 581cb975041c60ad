import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { captureHealth } from '../../src/documents/capture-health.ts';
import { documentKey, LONGEST_ID_BYTES } from '../../src/documents/document-key.ts';
import { readLegacyRows } from '../../src/documents/legacy.ts';
import { createRole } from '../support/roles.ts';
import { essay, openTables, queue } from './tables.ts';

/** Nothing shrinks it, and no B-tree takes it. */
const LONG_ID = randomBytes(5_000).toString('hex');

describe('capture never breaks a write of the application', () => {
  test('a role with no right on dualpath writes under row-level security, and all of it is captured', async () => {
    const { database, pool } = await openTables(`
      create table users (id text primary key, school_id text);
      create table documents (id text primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz);
      alter table documents enable row level security;
      create policy own on documents using (owner_id = current_setting('app.login', true))`);
    const writer = await createRole(database, [
      'select, insert, update, delete on documents',
      'select on users',
    ]);
    await writer.pool.query(`
      set app.login = 'u-1';
      insert into documents values ('mine', 'u-1', '{}', 1, now());
      update documents set revision = 2;
      delete from documents`);
    expect((await queue(pool)).map(({ subject, gone }) => [subject, gone])).toEqual([
      ['mine', false],
      ['mine', false],
      ['mine', true],
    ]);
    await expect(writer.pool.query('select * from dualpath.captures')).rejects.toThrow('permission denied');
    await expect(writer.pool.query(`insert into documents values ('theirs', 'u-2')`)).rejects.toThrow(
      'row-level',
    );
  });

  test('the search path of the writer changes nothing, hostile or not', async () => {
    const { pool } = await openTables();
    await pool.query(`
      create schema trap;
      create function trap.octet_length(text) returns int language plpgsql as $$ begin raise 'trapped'; end $$;
      create table trap.captures (id int);
      set search_path = trap, public;
      insert into documents (id) values ('a');
      reset search_path`);
    expect(await queue(pool)).toMatchObject([{ subject: 'a' }]);
  });

  test.each([
    ['random characters, unique by hash', LONG_ID],
    ['one character, which a B-tree shrinks', 'x'.repeat(10_000)],
  ])('an id of 10,000 %s is written, captured and found again under its key', async (_what, id) => {
    const { pool, stores } = await openTables(`
      create table users (id text primary key, school_id text);
      create table documents (id text not null, owner_id text, content jsonb, revision bigint, updated_at timestamptz,
                              exclude using hash (id with =))`);
    await pool.query(`insert into documents (id, content) values ($1, $2), ('short', $2)`, [
      id,
      essay('one'),
    ]);
    await pool.query(`update documents set content = $1 where id = $2`, [essay('two'), id]);
    await pool.query(`truncate documents`);
    const key = documentKey(id);
    expect((await queue(pool)).map(({ subject }) => subject).sort()).toEqual(
      [key, key, key, 'short', 'short'].sort(),
    );
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(LONGEST_ID_BYTES);
    await pool.query(`insert into documents (id, content) values ($1, $2)`, [id, essay('one')]);
    expect(await readLegacyRows(pool, stores, [key, 'short'])).toMatchObject([{ id: key, owner: null }]);
  });

  test('a capture that cannot be written is a warning without content, and the write stands', async () => {
    const { pool } = await openTables();
    await pool.query('alter table dualpath.captures rename to captures_away');
    const client = await pool.connect();
    const notices: string[] = [];
    client.on('notice', ({ message }) => notices.push(message ?? ''));
    await client.query(`insert into documents (id, content) values ('a', $1)`, [essay('secret')]);
    client.release();
    expect(notices).toEqual(['dualpath could not capture a change of public.documents (42P01)']);
    expect((await pool.query('select id from documents')).rows).toEqual([{ id: 'a' }]);
  });

  test('a mapped column that is dropped under it harms no write', async () => {
    const { pool, stores } = await openTables();
    await pool.query('alter table documents rename column content to body');
    await pool.query(`insert into documents (id) values ('a'); update documents set revision = 2`);
    expect((await pool.query('select revision from documents')).rows).toEqual([{ revision: '2' }]);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('a session that wrote in bulk goes on looking documents up by index', async () => {
    const { pool } = await openTables();
    const client = await pool.connect();
    try {
      await client.query(
        `insert into documents (id, content) select n::text, '{}' from generate_series(1, 3000) n`,
      );
      await client.query(`
        insert into dualpath.documents (id, cohort, fingerprint, lineage, head_hash)
          select id, 'everyone', '\\x00', '1', '\\x00' from documents;
        analyze dualpath.documents;
        update documents set content = '{"type":"doc"}'`);
      await client.query('select pg_stat_force_next_flush()');
      const scans = async (): Promise<unknown> => {
        const { rows } = await client.query(
          `select seq_scan from pg_stat_user_tables where schemaname = 'dualpath' and relname = 'documents'`,
        );
        return rows[0]?.seq_scan;
      };
      const before = await scans();
      for (let n = 1; n <= 20; n += 1)
        await client.query(`update documents set content = '{"type":"doc","content":[]}' where id = $1`, [
          `${n}`,
        ]);
      await client.query('select pg_stat_force_next_flush()');
      expect(await scans()).toBe(before);
    } finally {
      client.release();
    }
  });
});

test('a transaction that commits long after later ones is in the queue when it commits', async () => {
  const { pool } = await openTables();
  const early = await pool.connect();
  await early.query(`begin; insert into documents (id) values ('early')`);
  await pool.query(`insert into documents (id) values ('late')`);
  expect((await queue(pool)).map(({ subject }) => subject)).toEqual(['late']);
  await pool.query('delete from dualpath.captures');
  await early.query('commit');
  early.release();
  expect((await queue(pool)).map(({ subject }) => subject)).toEqual(['early']);
});
