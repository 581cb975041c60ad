import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { captureHealth } from '../../src/documents/capture-health.ts';
import { install } from '../../src/documents/install.ts';
import { installSql } from '../../src/documents/install-sql.ts';
import { requireInstallation } from '../../src/documents/installation.ts';
import { openStores, type Stores } from '../../src/documents/stores.ts';
import { uninstall } from '../../src/documents/uninstall.ts';
import { openDocumentStore } from '../../src/index.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import { configObject, essay, PLAIN, queue } from '../documents/tables.ts';
import { freshDatabase } from '../support/database.ts';

const STATES = 'create table states (doc text primary key, bytes bytea not null, seen integer default 0)';
const KEYS = {
  write_path: 'own',
  local_first: { table: 'public.states', columns: { id: 'doc', state: 'bytes' } },
};

let pool: Pool;
let stores: Stores;

async function openTables(states: string, keys: object = KEYS, migrated = true): Promise<void> {
  ({ pool } = await freshDatabase({ migrated }));
  await pool.query(PLAIN);
  await pool.query(states);
  stores = await storesOf(keys);
}

const storesOf = (keys: object): Promise<Stores> =>
  openStores(
    pool,
    parseConfig(JSON.stringify({ ...configObject({}), ...keys }), { path: 'cohorts.yaml', env: {} }),
  );

const sql = (text: string, values: unknown[] = []) => pool.query(text, values);
const captured = async () =>
  (await sql('select subject, gone, created from dualpath.captures order by id')).rows.map(
    ({ subject, gone, created }) => `${subject}${gone ? ' gone' : ''}${created ? ' created' : ''}`,
  );

describe('an application that writes both stores is captured on both tables', () => {
  beforeAll(async () => {
    await openTables(STATES);
    await install(pool, stores);
  });
  afterEach(() =>
    sql(
      'truncate dualpath.captures; delete from documents; delete from states; delete from dualpath.captures',
    ),
  );

  test('a state that is written, changed, moved to another id and deleted', async () => {
    await sql(`insert into states values ('a', '\\x01'), ('b', '\\x01')`);
    await sql(`update states set bytes = '\\x02' where doc = 'a'`);
    await sql(`update states set doc = 'c' where doc = 'b'`);
    await sql(`delete from states where doc = 'a'`);
    expect((await captured()).sort()).toEqual(['a', 'a', 'a', 'b', 'b', 'c']);
  });

  test('an upsert that changes nothing, or another column, is not captured', async () => {
    await sql(`insert into states values ('a', '\\x01')`);
    await sql('delete from dualpath.captures');
    await sql(
      `insert into states values ('a', '\\x01') on conflict (doc) do update set bytes = excluded.bytes`,
    );
    await sql('update states set seen = seen + 1');
    expect(await captured()).toEqual([]);
  });

  test('TRUNCATE saves the ids that it takes away', async () => {
    await sql(`insert into states values ('a', '\\x01'), ('b', '\\x01')`);
    await sql('delete from dualpath.captures');
    await sql('truncate states');
    expect(await captured()).toEqual(['a', 'b']);
  });

  test('a legacy row that is created says so, and no content is copied', async () => {
    await sql(`insert into documents (id, content) values ('a', $1)`, [essay('one')]);
    await sql(`update documents set content = $1`, [essay('two')]);
    await sql(`update documents set id = 'b'`);
    expect((await captured()).sort()).toEqual(['a', 'a created', 'a gone', 'b created']);
    expect((await queue(pool)).every(({ content }) => content === null)).toBe(true);
  });
});

describe('the partitions of a local-first table', () => {
  test('are captured once each, through the parent and by themselves', async () => {
    await openTables(`
      create table states (doc text primary key, bytes bytea not null) partition by range (doc);
      create table states_low partition of states for values from ('a') to ('m');
      create table states_high partition of states default`);
    await install(pool, stores);
    expect(await captureHealth(pool, stores)).toEqual([]);
    await sql(`insert into states values ('a', '\\x01'), ('z', '\\x01')`);
    await sql(`update states_high set bytes = '\\x02'`);
    await sql(`update states set doc = 'y' where doc = 'a'`);
    expect((await captured()).sort()).toEqual(['a', 'a', 'y', 'z', 'z']);
  });
});

describe('the installation of an application that writes both stores', () => {
  test('is printed, done once, found unhealthy and mended, and taken away', async () => {
    await openTables(STATES);
    await sql(await installSql(pool, stores, 5));
    expect(await captureHealth(pool, stores)).toEqual([]);
    expect(await install(pool, stores)).toMatchObject({ functionsReplaced: 0, tablesWatched: [] });
    await sql('alter table states disable trigger dualpath_capture_update');
    expect(await captureHealth(pool, stores)).toEqual([
      { table: '"public"."states"', event: 'update', problem: 'disabled' },
    ]);
    expect(await install(pool, stores)).toMatchObject({ tablesWatched: ['"public"."states"'] });
    expect((await uninstall(pool)).tables).toContain('"public"."states"');
    await sql(`insert into states values ('a', '\\x01')`);
    expect(await captured()).toEqual([]);
  });

  test('creates and watches the local-first table where the application has none yet', async () => {
    await openTables('select 1', { write_path: 'own' });
    expect(await install(pool, stores)).toMatchObject({
      localFirstCreated: true,
      tablesWatched: expect.arrayContaining(['"local_first"."documents"']),
    });
    await sql(`insert into local_first.documents values ('a', '\\x01')`);
    expect(await captured()).toEqual(['a']);
  });

  test('stops watching the local-first table once saves go through the library', async () => {
    await openTables('select 1', { write_path: 'own' });
    await install(pool, stores);
    const library = await storesOf({});
    await expect(requireInstallation(pool, library)).rejects.toMatchObject({ code: 'other-mapping' });
    await install(pool, library);
    await requireInstallation(pool, library);
    expect(await captureHealth(pool, library)).toEqual([]);
    await sql(`insert into local_first.documents values ('a', '\\x01')`);
    expect(await captured()).toEqual([]);
  });
});

describe('the library', () => {
  test('refuses to write where the application writes both stores', async () => {
    await openTables(STATES);
    await install(pool, stores);
    await sql(`insert into documents (id, owner_id, content) values ('a', 'u-1', $1)`, [essay('one')]);
    const documents = await openDocumentStore({ config: { ...configObject({}), ...KEYS }, pool });
    const refused = { code: 'own-write-path', remedy: expect.stringContaining('write_path: library') };
    await expect(documents.save({ id: 'a', content: essay('two') })).rejects.toMatchObject(refused);
    await expect(
      documents.push({ id: 'a', deviceId: 'd', seq: 1, update: new Uint8Array([0, 0]) }),
    ).rejects.toMatchObject(refused);
    await expect(documents.pull({ id: 'a', deviceId: 'd' })).rejects.toMatchObject(refused);
    expect(await documents.pathFor({ id: 'a', user: 'u-1' })).toBe('legacy');
  });
});
