import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { captureHealth } from '../../src/documents/capture-health.ts';
import { install } from '../../src/documents/install.ts';
import { installSql } from '../../src/documents/install-sql.ts';
import { requireInstallation } from '../../src/documents/installation.ts';
import { createRoles, ROLES } from '../../src/documents/roles.ts';
import { openStores } from '../../src/documents/stores.ts';
import { uninstall } from '../../src/documents/uninstall.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { freshDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';
import { createRole } from '../support/roles.ts';
import { configOf, openTables, PLAIN, queue } from './tables.ts';

const COLUMNS = { id: 'id', owner: 'owner_id', revision: 'revision', updated_at: 'updated_at' };

describe('init', () => {
  test('creates what is missing, and has nothing to do the second time', async () => {
    const { pool, config, stores } = await openTables(PLAIN, { bare: true });
    expect(await install(pool, stores)).toMatchObject({
      localFirstCreated: true,
      functionsReplaced: 8,
      tablesWatched: ['"public"."documents"', '"public"."users"'],
    });
    expect(await captureHealth(pool, await openStores(pool, config))).toEqual([]);
    expect(await install(pool, await openStores(pool, config))).toEqual({
      localFirstCreated: false,
      rolesCreated: [],
      functionsReplaced: 0,
      tablesWatched: [],
    });
  });

  test('two at once do it once', async () => {
    const { pool, stores } = await openTables(PLAIN, { bare: true });
    const done = await Promise.all([install(pool, stores), install(pool, stores), install(pool, stores)]);
    expect(done.flatMap(({ tablesWatched }) => tablesWatched)).toHaveLength(2);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('works through a pooler that gives each transaction one connection', async () => {
    const { database, config } = await openTables(PLAIN, { bare: true });
    const pooler = await startPooler(database.url, { connections: 1 });
    const pool = openPool(pooler.url, { max: 2 });
    try {
      await install(pool, await openStores(pool, config));
      await pool.query(`insert into documents (id) values ('a')`);
      const stores = await openStores(pool, config);
      expect(await captureHealth(pool, stores)).toEqual([]);
      expect(await queue(pool)).toMatchObject([{ subject: 'a' }]);
      await catchUp(pool, stores);
      expect(await queue(pool)).toEqual([]);
    } finally {
      await pool.end();
      await pooler.close();
    }
  });

  test('while a long transaction holds the table, no other writer waits a second', async () => {
    const { pool, stores } = await openTables(PLAIN, { bare: true });
    await pool.query(`insert into documents (id) values ('held'), ('free')`);
    const long = await pool.connect();
    await long.query(`begin; update documents set views = 1 where id = 'held'`);
    let installed = false;
    const installing = install(pool, stores).then((done) => {
      installed = true;
      return done;
    });
    let writes = 0;
    const writer = await pool.connect();
    await writer.query(`set lock_timeout = '1s'`);
    const until = Date.now() + 2_500;
    while (Date.now() < until) {
      await writer.query(`update documents set views = views + 1 where id = 'free'`);
      writes += 1;
      await sleep(5);
    }
    writer.release();
    expect(installed).toBe(false);
    expect(writes).toBeGreaterThan(0);
    await long.query('commit');
    long.release();
    await installing;
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('gives a new partition its triggers, and until then health says that they are missing', async () => {
    const { pool, stores } = await openTables(
      `create table users (id text primary key);
       create table documents (id int primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz)
         partition by range (id);
       create table documents_1 partition of documents for values from (0) to (100)`,
      { users: {} },
    );
    expect(await captureHealth(pool, stores)).toEqual([]);
    await pool.query('create table documents_2 partition of documents for values from (100) to (200)');
    expect(await captureHealth(pool, stores)).toContainEqual({
      table: '"public"."documents_2"',
      event: 'insert',
      problem: 'missing',
    });
    expect((await install(pool, stores)).tablesWatched).toEqual(['"public"."documents_2"']);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('mends a trigger that was disabled and a function that was replaced', async () => {
    const { pool, stores } = await openTables();
    await pool.query(`
      alter table documents disable trigger dualpath_capture_update;
      drop trigger dualpath_capture_truncate on users;
      create or replace function dualpath.capture_document_insert() returns trigger language plpgsql as
        $$ begin return null; end $$`);
    expect(await captureHealth(pool, stores)).toEqual([
      { table: 'dualpath.capture_document_insert', event: 'insert', problem: 'outdated' },
      { table: '"public"."documents"', event: 'update', problem: 'disabled' },
      { table: '"public"."users"', event: 'truncate', problem: 'missing' },
    ]);
    await install(pool, stores);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('refuses a config that names another table than the one it was set up for', async () => {
    const { pool } = await openTables();
    await pool.query('create table essays (like documents including all)');
    const stores = await openStores(pool, configOf({ documents: { table: 'public.essays' } }));
    await expect(install(pool, stores)).rejects.toMatchObject({
      code: 'other-table',
      exitCode: 2,
      message:
        'documents.table names "public"."essays", but this database was set up for "public"."documents".',
      remedy: 'Name "public"."documents" again, or run `dualpath uninstall` first.',
    });
  });

  test('refuses columns, a format, a where or attributes that are not what cohorts were started with', async () => {
    const { pool, stores } = await openTables();
    const others = [
      ['documents.where', configOf({ documents: { where: 'revision > 0' } })],
      ['documents.format', configOf({ documents: { format: 'quill' } })],
      [
        'documents.columns.content',
        configOf({ documents: { columns: { ...COLUMNS, content: 'owner_id' } } }),
      ],
      ['users.attributes.school', configOf({ users: { attributes: { school: 'id' } } })],
    ] as const;
    await requireInstallation(pool, stores);
    for (const [key, config] of others) {
      const changed = await openStores(pool, config);
      const refusal = { code: 'other-mapping', exitCode: 2, details: { key } };
      await expect(requireInstallation(pool, changed)).rejects.toMatchObject(refusal);
      await expect(install(pool, changed)).rejects.toMatchObject(refusal);
    }
    await requireInstallation(pool, stores);
  });

  test('takes another mapping before anything was started, once init has installed capture for it', async () => {
    const { pool } = await openTables();
    await pool.query('update dualpath.cohorts set started_at = null');
    const changed = await openStores(pool, configOf({ documents: { where: 'revision > 0' } }));
    await expect(requireInstallation(pool, changed)).rejects.toMatchObject({
      code: 'other-mapping',
      remedy: expect.stringContaining('dualpath init'),
    });
    await install(pool, changed);
    await requireInstallation(pool, changed);
  });

  test('takes a renamed table for what it is', async () => {
    const { pool } = await openTables();
    await pool.query('alter table documents rename to essays');
    const stores = await openStores(pool, configOf({ documents: { table: 'public.essays' } }));
    expect((await install(pool, stores)).tablesWatched).toEqual([]);
    await pool.query(`insert into essays (id) values ('a')`);
    expect(await queue(pool)).toMatchObject([{ subject: 'a' }]);
  });

  test('a users view is installed without triggers', async () => {
    const { pool, stores } = await openTables(`
      create table documents (id text primary key, owner_id text, content jsonb, revision bigint, updated_at timestamptz);
      create view users as select 'u-1' as id, 's-1' as school_id`);
    expect(stores.users.isTable).toBe(false);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });
});

describe('roles', () => {
  const may = async (role: string, table: string, privilege: string): Promise<boolean> => {
    const { rows } = await shared.pool.query<{ may: boolean }>(
      'select has_table_privilege($1, $2, $3) as may',
      [role, table, privilege],
    );
    return rows[0]?.may ?? false;
  };
  let shared: Awaited<ReturnType<typeof openTables>>;

  test('the observer may only select from the tables of the application', async () => {
    shared = await openTables();
    for (const table of ['documents', 'users', 'local_first.documents']) {
      expect(await may('dualpath_observer', table, 'select')).toBe(true);
      for (const privilege of ['insert', 'update', 'delete', 'truncate', 'trigger'])
        expect(await may('dualpath_observer', table, privilege), `${privilege} on ${table}`).toBe(false);
    }
    expect(await may('dualpath_observer', 'dualpath.rounds', 'insert')).toBe(true);
    expect(await may('dualpath_observer', 'dualpath.cohorts', 'update')).toBe(false);
    expect(await may('dualpath_observer', 'dualpath.flags', 'update')).toBe(false);
  });

  test('a controller that owns nothing catches up', async () => {
    const { database, pool, config } = await openTables();
    const controller = await createRole(database, ['dualpath_controller']);
    await pool.query(`insert into documents (id, owner_id, content) values ('a', 'u-1', '{"type":"doc"}')`);
    const stores = await openStores(controller.pool, config);
    expect(await catchUp(controller.pool, stores)).toMatchObject({ seeded: 1 });
  });

  test('an observer is refused by the database when it tries', async () => {
    const { database, pool, config } = await openTables();
    const observer = await createRole(database, ['dualpath_observer']);
    await pool.query(`insert into documents (id, owner_id, content) values ('a', 'u-1', '{"type":"doc"}')`);
    const stores = await openStores(observer.pool, config);
    await expect(catchUp(observer.pool, stores)).rejects.toMatchObject({ code: '42501' });
    expect(await queue(pool)).toHaveLength(1);
  });

  test('row-level security that would hide rows from us is refused', async () => {
    const { database, pool, config } = await openTables();
    const controller = await createRole(database, ['dualpath_controller']);
    await pool.query('alter table documents enable row level security');
    await expect(openStores(controller.pool, config)).rejects.toMatchObject({
      code: 'rows-hidden',
      exitCode: 2,
    });
  });
});

describe('without the right to', () => {
  test('create triggers, init says so and names init --sql', async () => {
    const { database, pool, config } = await openTables(PLAIN, { bare: true });
    const someone = await createRole(database, [
      'select on documents',
      'select on users',
      'all on schema dualpath',
      'all on all tables in schema dualpath',
      `create on database ${database.name}`,
    ]);
    await pool.query('select 1');
    await expect(install(someone.pool, await openStores(someone.pool, config))).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining('dualpath init --sql'),
    });
  });
});

test('a user who may not create the roles is told who can', async () => {
  const { database, pool } = await openTables();
  const someone = await createRole(database);
  const client = await pool.connect();
  try {
    // Roles belong to the whole server: they are away in this transaction only.
    await client.query('begin; alter role dualpath_app rename to dualpath_app_away');
    await client.query(`set local role ${someone.name}`);
    await expect(createRoles(client)).rejects.toMatchObject({
      code: 'cannot-create-roles',
      exitCode: 2,
      message: 'The roles dualpath_app do not exist and this user may not create roles.',
      remedy: expect.stringContaining('dualpath init --sql'),
    });
  } finally {
    await client.query('rollback');
    client.release();
  }
});

describe('init --sql', () => {
  test('prints what a DBA runs, and after that init has nothing to do', async () => {
    const database = await freshDatabase({ migrated: false });
    await database.pool.query(PLAIN);
    const config = configOf({});
    const stores = await openStores(database.pool, config);
    const script = await installSql(database.pool, stores);
    await database.pool.query(script);
    // One that stopped half way, at a locked table for one, is run again as it is.
    await database.pool.query(script);
    expect(await install(database.pool, await openStores(database.pool, config))).toEqual({
      localFirstCreated: false,
      rolesCreated: [],
      functionsReplaced: 0,
      tablesWatched: [],
    });
    for (const role of ROLES) expect(script).toContain(`create role ${role} nologin`);
  });
});

describe('uninstall', () => {
  test('takes capture away from every table, and init brings it back', async () => {
    const { pool, stores } = await openTables(PLAIN, { stages: { everyone: 'completed' } });
    expect(await uninstall(pool)).toEqual({ tables: ['"public"."documents"', '"public"."users"'] });
    await pool.query(`insert into documents (id) values ('a')`);
    expect(await queue(pool)).toEqual([]);
    await install(pool, stores);
    expect(await captureHealth(pool, stores)).toEqual([]);
  });

  test('refuses while a cohort is on its way', async () => {
    const { pool } = await openTables(PLAIN, { stages: { everyone: 'baking' } });
    await expect(uninstall(pool)).rejects.toMatchObject({ code: 'cohort-moving', exitCode: 5 });
  });

  test('with all, the control schema goes and the tables of the application stay', async () => {
    const { pool } = await openTables(PLAIN, { stages: { everyone: 'rolled-back' } });
    await uninstall(pool, { all: true });
    const { rows } = await pool.query(
      `select to_regnamespace('dualpath') as gone, to_regclass('local_first.documents') as kept`,
    );
    expect(rows).toEqual([{ gone: null, kept: 'local_first.documents' }]);
    await pool.query(`insert into documents (id) values ('a')`);
  });
});
