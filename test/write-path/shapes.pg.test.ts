import { describe, expect, test } from 'vitest';
import { countMembers, sharedDocuments } from '../../src/documents/census.ts';
import { coverage } from '../../src/documents/coverage.ts';
import { readLegacyRows } from '../../src/documents/legacy.ts';
import { writeLegacyContent } from '../../src/documents/legacy-write.ts';
import { readLinks } from '../../src/documents/links.ts';
import { memberSizes, pageMembers } from '../../src/documents/members.ts';
import { readQuarantine } from '../../src/documents/quarantine.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { essay, openTables, queue, type TablesOptions } from '../documents/tables.ts';
import { textOf } from './state.ts';

interface Shape {
  readonly name: string;
  readonly ddl: string;
  readonly options: TablesOptions;
  /** In the order of the column's own type. */
  readonly ids: readonly string[];
  readonly insert: string;
  readonly update: string;
  readonly remove: string;
}

const USERS = 'create table users (id text primary key, school_id text);';
const COLUMNS = 'owner_id text, content jsonb, revision bigint not null default 1, updated_at timestamptz';

const SHAPES: readonly Shape[] = [
  {
    name: 'a table that was not designed for it',
    ddl: `
      create schema "My School";
      create table "My School"."People" ("Id" uuid primary key, "School" text not null);
      insert into "My School"."People" values ('00000000-0000-4000-8000-00000000000a', 'lincoln');
      create table "My School"."Essays" (
        "Essay Id" uuid primary key, "ownerId" uuid not null references "My School"."People" on delete cascade,
        "Body" text not null, "Rev" int not null default 0, title text not null, "wordCount" int not null,
        archived boolean not null default false);
      create function raise_revision() returns trigger language plpgsql as $$
      begin new."Rev" := old."Rev" + 1; return new; end $$;
      create trigger raise_revision before update on "My School"."Essays" for each row execute function raise_revision()`,
    options: {
      documents: {
        table: '"My School".Essays',
        columns: { id: 'Essay Id', owner: 'ownerId', content: 'Body', revision: 'Rev' },
        where: 'not archived -- or "wordCount" > 0',
      },
      users: { table: '"My School".People', columns: { id: 'Id' }, attributes: { school: 'School' } },
      cohorts: [{ name: 'lincoln', match: { school: ['lincoln'] } }],
    },
    ids: ['00000000-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000002'],
    insert: `insert into "My School"."Essays" ("Essay Id", "ownerId", "Body", title, "wordCount")
             values ($1, '00000000-0000-4000-8000-00000000000a', $2, 'x', 1)`,
    update: 'update "My School"."Essays" set "Body" = $2 where "Essay Id" = $1',
    remove: 'update "My School"."Essays" set archived = true where "Essay Id" = $1',
  },
  {
    name: 'a bigint key, an integer owner and json',
    ddl: `
      create table users (id int primary key, school_id text);
      create table documents (id bigint primary key, owner_id int, content json, revision smallint not null default 1,
                              updated_at timestamptz)`,
    options: {},
    ids: ['-5', '9', '10', '9223372036854775807'],
    insert: 'insert into documents (id, owner_id, content) values ($1, 1, $2)',
    update: 'update documents set content = $2, revision = revision + 1 where id = $1',
    remove: 'delete from documents where id = $1',
  },
  {
    name: 'a text key that holds anything',
    ddl: `${USERS} create table documents (id text collate "C" primary key, ${COLUMNS})`,
    options: {},
    ids: ['', ' two words ', `'; drop table documents; --`, 'a"b\\c\n%s $1', 'ü', '…sha256:', '😀 emoji'],
    insert: `insert into documents (id, owner_id, content) values ($1, 'u-1', $2)`,
    update: 'update documents set content = $2 where id = $1',
    remove: 'delete from documents where id = $1',
  },
  {
    name: 'no revision, no time of change, nobody who owns it',
    ddl: `${USERS} create table documents (id varchar(36) primary key, owner_id text, content text)`,
    options: { documents: { columns: { id: 'id', owner: 'owner_id', content: 'content' } } },
    ids: ['a', 'b'],
    insert: 'insert into documents (id, content) values ($1, $2)',
    update: 'update documents set content = $2 where id = $1',
    remove: 'delete from documents where id = $1',
  },
  {
    name: 'partitions, with their columns in another order, and a domain for the key',
    ddl: `${USERS}
      create domain essay_id as text check (value <> '');
      create table documents (id essay_id primary key, ${COLUMNS}) partition by range (id);
      create table documents_n (revision bigint not null default 1, content jsonb, updated_at timestamptz,
                                id essay_id not null, owner_id text);
      alter table documents attach partition documents_n for values from (minvalue) to ('n');
      create table documents_z partition of documents default`,
    options: {},
    ids: ['a', 'z'],
    insert: `insert into documents (id, owner_id, content) values ($1, 'u-1', $2)`,
    update: 'update documents set content = $2, revision = revision + 1 where id = $1',
    remove: 'delete from documents where id = $1',
  },
  {
    name: 'triggers of the application after every change, which write the table again',
    ddl: `${USERS} create table documents (id text primary key, ${COLUMNS});
      create function stamp() returns trigger language plpgsql as $$
      begin
        if pg_trigger_depth() = 1 then
          update documents set revision = revision + 1, updated_at = now() where id = new.id;
        end if;
        return null;
      end $$;
      create trigger stamp after insert or update on documents for each row execute function stamp()`,
    options: {},
    ids: ['a', 'b'],
    insert: `insert into documents (id, owner_id, content) values ($1, 'u-1', $2)`,
    update: 'update documents set content = $2 where id = $1',
    remove: 'delete from documents where id = $1',
  },
];

describe.each(SHAPES)('$name', ({ ddl, options, ids, insert, update, remove }) => {
  test('is seeded, followed and mirrored', async () => {
    const { pool, stores } = await openTables(ddl, options);
    const [cohort] = stores.config.cohorts;
    if (!cohort) throw new Error('no cohort');
    for (const id of [...ids].reverse()) await pool.query(insert, [id, essay(`one ${id}`)]);
    expect(await catchUp(pool, stores)).toMatchObject({ seeded: ids.length, quarantined: 0, left: 0 });
    for (const id of ids) expect(await textOf(pool, stores, id)).toBe(`one ${id}`);

    const all = { after: null, upto: null, limit: 100 };
    expect((await pageMembers(pool, stores, cohort.name, all)).map(({ id }) => id)).toEqual(ids);
    expect((await memberSizes(pool, stores, cohort.name, all)).map(({ id }) => id)).toEqual(ids);
    const rest = await pageMembers(pool, stores, cohort.name, { ...all, after: ids[0] ?? null, maxBytes: 1 });
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(1, 2));
    expect(await coverage(pool, stores, cohort.name)).toMatchObject({
      members: ids.length,
      missing: 0,
      moving: 0,
    });

    for (const id of ids) await pool.query(update, [id, essay(`two ${id}`)]);
    expect(await catchUp(pool, stores)).toMatchObject({ taken: ids.length, quarantined: 0 });
    for (const id of ids) expect(await textOf(pool, stores, id)).toBe(`two ${id}`);

    for (const id of ids) {
      const [before] = await readLegacyRows(pool, stores, [id]);
      const written = await inTransaction(pool, (tx) =>
        writeLegacyContent(tx, stores, id, essay(`three ${id}`)),
      );
      const [after] = await readLegacyRows(pool, stores, [id]);
      expect(after).toMatchObject({ revision: written.revision, xmin: written.xmin });
      expect(JSON.parse(after?.content ?? '')).toEqual(JSON.parse(essay(`three ${id}`)));
      if (before?.revision != null) expect(Number(after?.revision)).toBeGreaterThan(Number(before.revision));
    }

    await pool.query(remove, [ids[0]]);
    expect(await catchUp(pool, stores)).toMatchObject({ deleted: 1 });
    expect((await readLinks(pool, ids)).filter(({ deletedAt }) => deletedAt).map(({ id }) => id)).toEqual([
      ids[0],
    ]);
  });
});

test('the mirror raises the revision by one where nothing else does, and only then', async () => {
  const { pool, stores } = await openTables();
  await pool.query(`insert into documents (id, owner_id, content, revision) values ('a', 'u-1', '{}', 5)`);
  const mirror = () => inTransaction(pool, (tx) => writeLegacyContent(tx, stores, 'a', essay('x')));
  expect(await mirror()).toMatchObject({ revision: '6' });
  await pool.query(`
    create function plus_ten() returns trigger language plpgsql as $$
    begin new.revision := old.revision + 10; return new; end $$;
    create trigger plus_ten before update on documents for each row execute function plus_ten()`);
  expect(await mirror()).toMatchObject({ revision: '16' });
});

test('an id that the column could not hold is absent, not an error', async () => {
  const { pool, stores } = await openTables(
    `${USERS} create table documents (id int primary key, ${COLUMNS}); insert into documents values (7)`,
  );
  const odd = ['seven', '7.0', '99999999999', '', '\u0000', "7'; --"];
  expect(await readLegacyRows(pool, stores, odd)).toEqual([]);
  expect((await readLegacyRows(pool, stores, [...odd, '7'])).map(({ id }) => id)).toEqual(['7']);
});

test('JSON in text that escapes U+0000 is quarantined, and every reason is free of content', async () => {
  const { pool, stores } = await openTables(
    `${USERS} create table documents (id text primary key, owner_id text, content text, revision bigint, updated_at timestamptz)`,
  );
  const bad: Readonly<Record<string, string>> = {
    zero: essay('secret\u0000secret'),
    broken: '{"type":"doc","secret',
    deep: `${'{"type":"doc","content":['.repeat(5_000)}${']}'.repeat(5_000)}`,
    huge: essay('secret '.repeat(3_000_000)),
    empty: '',
  };
  for (const [id, content] of Object.entries(bad))
    await pool.query(`insert into documents values ($1, 'u-1', $2, 1)`, [id, content]);
  await pool.query(`insert into documents values ('good', 'u-1', $1, 1)`, [essay('fine')]);
  const done = await catchUp(pool, stores);
  const held = await readQuarantine(pool, Object.keys(bad));
  expect(held.map(({ id, reason }) => `${id}: ${reason}`).join('\n')).not.toContain('secret');
  expect(held.map(({ id }) => id).sort()).toEqual(Object.keys(bad).sort());
  expect(done).toMatchObject({ seeded: 1, quarantined: Object.keys(bad).length });
  expect(await queue(pool)).toEqual([]);
});

test('plan counts members, documents and bytes, and documents shared with another cohort', async () => {
  const { pool, stores } = await openTables(
    `create table users (id text primary key, school_id text);
     create table documents (id text primary key, ${COLUMNS});
     create table collaborators (document_id text, user_id text);
     insert into users values ('a', 's-1'), ('b', 's-1'), ('c', 's-2');
     insert into documents (id, owner_id, content) values ('1', 'a', '{}'), ('2', 'a', '{}'), ('3', 'c', '{}'), ('4', null, '{}');
     insert into collaborators values ('1', 'b'), ('2', 'c'), ('2', 'b'), ('3', 'c')`,
    {
      documents: { collaborators: { table: 'collaborators', document: 'document_id', user: 'user_id' } },
      cohorts: [
        { name: 'one', match: { school: ['s-1'] } },
        { name: 'rest', everyone: true },
      ],
    },
  );
  const counted = [...(await countMembers(pool, stores))].sort((a, b) => a.cohort.localeCompare(b.cohort));
  expect(counted).toMatchObject([
    { cohort: 'one', members: 2, documents: 2 },
    { cohort: 'rest', members: 1, documents: 2 },
  ]);
  expect(counted.every(({ bytes }) => bytes > 0)).toBe(true);
  expect(await sharedDocuments(pool, stores)).toEqual([{ cohort: 'one', shared: 1 }]);
});
