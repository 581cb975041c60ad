import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeLegacyContent } from '../../src/documents/legacy-write.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { essay, openTables, queue, type Tables } from './tables.ts';

let tables: Tables;
const sql = (text: string, values: readonly unknown[] = []) => tables.pool.query(text, [...values]);
const subjects = async (): Promise<readonly string[]> =>
  (await queue(tables.pool)).map(({ kind, subject, gone }) => `${kind} ${subject}${gone ? ' gone' : ''}`);

describe('what the legacy table shows', () => {
  beforeAll(async () => {
    tables = await openTables(undefined, { documents: { where: 'deleted_at is null' } });
  });
  afterEach(async () => {
    await sql('truncate documents');
    await sql('delete from dualpath.captures; delete from dualpath.documents');
  });

  const write = (id: string, text = 'one'): Promise<unknown> =>
    sql(`insert into documents (id, owner_id, content) values ($1, 'u-1', $2)`, [id, essay(text)]);
  const link = (id: string): Promise<unknown> =>
    sql(
      `insert into dualpath.documents (id, cohort, fingerprint, lineage, head_hash)
       values ($1, 'everyone', '\\x00', '1', '\\x00')`,
      [id],
    );
  const forget = (): Promise<unknown> => sql('delete from dualpath.captures');

  test('an insert of many rows is captured row by row', async () => {
    await sql(`insert into documents (id, content) select 'd' || n, $1 from generate_series(1, 3) n`, [
      essay('x'),
    ]);
    expect(await subjects()).toEqual(['document d1', 'document d2', 'document d3']);
  });

  test('COPY is captured', async () => {
    await sql(`copy documents (id) from program 'printf "c1\\nc2\\n"'`);
    expect(await subjects()).toEqual(['document c1', 'document c2']);
  });

  test('an upsert and a MERGE are captured once each', async () => {
    await write('a');
    await forget();
    await sql(
      `insert into documents (id, content) values ('a', $1), ('b', $1)
       on conflict (id) do update set content = excluded.content`,
      [essay('two')],
    );
    expect([...(await subjects())].sort()).toEqual(['document a', 'document b']);
    await forget();
    await sql(
      `merge into documents d using (values ('b'), ('c')) n (id) on d.id = n.id
       when matched then delete when not matched then insert (id) values (n.id)`,
    );
    expect([...(await subjects())].sort()).toEqual(['document b gone', 'document c']);
  });

  test.each([
    ['content', `content = '{"type":"doc"}'`],
    ['owner', `owner_id = 'u-2'`],
    ['owner to nobody', 'owner_id = null'],
    ['revision', 'revision = revision + 1'],
    ['a column that `where` mentions', 'deleted_at = now()'],
  ])('a change of the %s is captured', async (_what, assignment) => {
    await write('a');
    await forget();
    await sql(`update documents set ${assignment}`);
    expect(await subjects()).toEqual(['document a']);
  });

  test.each([
    ['a column that is not mapped', 'views = views + 1'],
    ['the same content again', 'content = content'],
    ['a time of change alone', 'updated_at = now()'],
  ])('a change of %s is not captured', async (_what, assignment) => {
    await write('a');
    await forget();
    await sql(`update documents set ${assignment}`);
    expect(await subjects()).toEqual([]);
  });

  test('a changed id is a document gone and a new one', async () => {
    await write('old');
    await forget();
    await sql(`update documents set id = 'new'`);
    expect([...(await subjects())].sort()).toEqual(['document new', 'document old gone']);
  });

  test('a delete is captured, of every row', async () => {
    await write('a');
    await write('b');
    await forget();
    await sql('delete from documents');
    expect([...(await subjects())].sort()).toEqual(['document a gone', 'document b gone']);
  });

  test('TRUNCATE saves the ids that it takes away', async () => {
    await write('a');
    await write('b');
    await forget();
    await sql('truncate documents');
    expect([...(await subjects())].sort()).toEqual(['document a gone', 'document b gone']);
  });

  test('what was written is kept for a seeded document, and not for another', async () => {
    await write('seeded');
    await write('other');
    await link('seeded');
    await forget();
    await sql('update documents set content = $1, revision = 7', [essay('two')]);
    const captured = await queue(tables.pool);
    expect(captured.find(({ subject }) => subject === 'other')).toMatchObject({ content: null });
    const { content, revision } = captured.find(({ subject }) => subject === 'seeded') ?? {};
    expect(JSON.parse(content ?? '')).toEqual(JSON.parse(essay('two')));
    expect(revision).toBe('7');
  });

  test('a content change that forgot to raise the revision is captured', async () => {
    await write('a');
    await link('a');
    await forget();
    await sql('update documents set content = $1', [essay('two')]);
    expect(await queue(tables.pool)).toMatchObject([{ subject: 'a', revision: '1' }]);
  });

  test('a rolled back write leaves nothing', async () => {
    await sql(`begin; insert into documents (id) values ('a'); rollback`);
    expect(await subjects()).toEqual([]);
  });

  test('the mirror is not captured, and the next statement of the same transaction is', async () => {
    await write('a');
    await forget();
    await inTransaction(tables.pool, async (tx) => {
      await writeLegacyContent(tx, tables.stores, 'a', essay('mirrored'));
      await tx.query(`update documents set content = $1 where id = 'a'`, [essay('by hand')]);
    });
    expect(await subjects()).toEqual(['document a']);
  });
});

describe('nested triggers', () => {
  beforeAll(async () => {
    tables = await openTables();
    await sql(`
      create function touch_again() returns trigger language plpgsql as $$
      begin
        if pg_trigger_depth() = 1 then
          update documents set content = content || '{"attrs":{"checked":true}}' where id = new.id;
        end if;
        return null;
      end $$;
      create trigger touch_again after update on documents for each row execute function touch_again()`);
  });

  test('what an application trigger writes to the same table is captured beside the statement that fired it', async () => {
    await sql(`insert into documents (id, content) values ('a', $1)`, [essay('one')]);
    await sql('delete from dualpath.captures');
    await sql('update documents set content = $1', [essay('two')]);
    expect(await subjects()).toEqual(['document a', 'document a']);
  });

  test('it is captured when the mirror fired it, since it changes what was mirrored', async () => {
    await sql('delete from dualpath.captures');
    await inTransaction(tables.pool, (tx) => writeLegacyContent(tx, tables.stores, 'a', essay('mirrored')));
    // Once for the content and once for the revision, which the trigger fires on too.
    expect(await subjects()).toContain('document a');
  });
});

describe('the users table', () => {
  beforeAll(async () => {
    tables = await openTables(`
      create table users (id text primary key, school_id text, name text);
      create table documents (id text primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz)`);
  });
  afterEach(() => sql('delete from dualpath.captures'));

  test('a new user, a change of school and a user who leaves are captured; a new name is not', async () => {
    await sql(`insert into users values ('u-1', 's-1', 'Ada')`);
    await sql(`update users set school_id = 's-2'`);
    await sql(`update users set name = 'Ada L.'`);
    await sql('delete from users');
    expect(await subjects()).toEqual(['user u-1', 'user u-1', 'user u-1']);
  });

  test('a changed id is both users; TRUNCATE is all of them', async () => {
    await sql(`insert into users values ('u-1', 's-1')`);
    await sql('delete from dualpath.captures');
    await sql(`update users set id = 'u-2'`);
    expect([...(await subjects())].sort()).toEqual(['user u-1', 'user u-2']);
    await sql('delete from dualpath.captures');
    await sql('truncate users');
    expect(await subjects()).toEqual(['user u-2 gone']);
  });
});

describe('partitions', () => {
  beforeAll(async () => {
    tables = await openTables(
      `create table users (id text primary key);
       create table documents (id int primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz)
         partition by range (id);
       create table documents_low partition of documents for values from (0) to (100);
       create table documents_high partition of documents for values from (100) to (1000) partition by range (id);
       create table documents_high_1 partition of documents_high for values from (100) to (500);
       create table documents_high_2 partition of documents_high default`,
      { users: {} },
    );
  });
  afterEach(() => sql('delete from dualpath.captures'));

  test('a write through the parent is captured once', async () => {
    await sql('insert into documents (id, revision) values (1, 1), (101, 1), (501, 1)');
    expect([...(await subjects())].sort()).toEqual(['document 1', 'document 101', 'document 501']);
  });

  test('a write straight to a partition, at any depth, is captured once', async () => {
    await sql('update documents_low set revision = 2');
    await sql('update documents_high set revision = 2 where id = 101');
    await sql('update documents_high_2 set revision = 2');
    expect(await subjects()).toEqual(['document 1', 'document 101', 'document 501']);
  });

  test('a row that moves to another partition is a document gone and a new one', async () => {
    await sql('update documents set id = 150 where id = 1');
    expect([...(await subjects())].sort()).toEqual(['document 1 gone', 'document 150']);
  });

  test('TRUNCATE of the parent and of a partition save each id once', async () => {
    await sql('truncate documents_high_2');
    expect(await subjects()).toEqual(['document 501 gone']);
    await sql('delete from dualpath.captures');
    await sql('truncate documents');
    expect([...(await subjects())].sort()).toEqual(['document 101 gone', 'document 150 gone']);
  });
});
