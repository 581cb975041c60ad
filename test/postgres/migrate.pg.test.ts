import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate, migrationsSql, requireSchema, schemaVersion } from '../../src/postgres/migrate.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await freshDatabase({ migrated: false });
  pool = database.pool;
});

afterEach(() => database.drop());

/** Every table, column and function of the control schema. */
async function shape(db: Pool): Promise<unknown[]> {
  const { rows } = await db.query(
    `select table_name as name, column_name as detail, data_type as type from information_schema.columns where table_schema = 'dualpath'
      union all
     select p.proname, pg_get_function_identity_arguments(p.oid), prosrc from pg_proc p where p.pronamespace = 'dualpath'::regnamespace
      order by 1, 2, 3`,
  );
  return rows;
}

it('a database without the schema is told to run init', async () => {
  expect(await schemaVersion(pool)).toBe(0);
  await expect(requireSchema(pool)).rejects.toMatchObject({
    code: 'schema-missing',
    exitCode: 2,
    remedy: expect.stringContaining('dualpath init'),
  });
});

it('installs the schema once, and finds it installed the second time', async () => {
  const first = await migrate(pool);
  expect(first.from).toBe(0);
  expect(await migrate(pool)).toEqual({ from: first.to, to: first.to });
  expect(await schemaVersion(pool)).toBe(first.to);
  await requireSchema(pool);
});

it('two installations at once make one schema', async () => {
  const others = [1, 2, 3].map(() => openPool(database.url, { max: 1 }));
  const results = await Promise.all(others.map(migrate));
  const { to } = await migrate(pool);
  expect(results.map((each) => each.to)).toEqual([to, to, to]);
  const { rows } = await pool.query('select version from dualpath.migrations order by version');
  expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: to }, (_, index) => index + 1));
  for (const other of others) await other.end();
});

it('goes on after an installation that was killed halfway', async () => {
  const { to } = await migrate(pool);
  const whole = await shape(pool);
  const other = await freshDatabase({ migrated: false });
  // The script in transactions of its own, cut off after the first migration.
  const steps = migrationsSql().split('commit;\n');
  await other.pool.query(`${steps.slice(0, 2).join('commit;\n')}commit;`);
  expect(await schemaVersion(other.pool)).toBe(1);
  if (to > 1) {
    await expect(requireSchema(other.pool)).rejects.toMatchObject({
      code: 'schema-older',
      remedy: expect.stringContaining('dualpath init'),
    });
  }
  expect(await migrate(other.pool)).toEqual({ from: 1, to });
  expect(await shape(other.pool)).toEqual(whole);
});

it('refuses a schema newer than the program, and leaves it alone', async () => {
  const { to } = await migrate(pool);
  await pool.query(
    "insert into dualpath.migrations (version, name, checksum) values ($1::int, 'later', 'x')",
    [to + 1],
  );
  const newer = { code: 'schema-newer', exitCode: 2, remedy: expect.stringContaining('Upgrade dualpath') };
  await expect(migrate(pool)).rejects.toMatchObject(newer);
  await expect(requireSchema(pool)).rejects.toMatchObject(newer);
});

it('refuses a schema that another build made', async () => {
  await migrate(pool);
  await pool.query("update dualpath.migrations set checksum = 'other' where version = 1");
  await expect(migrate(pool)).rejects.toMatchObject({ code: 'schema-changed', exitCode: 2 });
});

it('the script for a database administrator makes the same schema', async () => {
  const { to } = await migrate(pool);
  const other = await freshDatabase({ migrated: false });
  await other.pool.query(migrationsSql());
  expect(await shape(other.pool)).toEqual(await shape(pool));
  expect(await migrate(other.pool)).toEqual({ from: to, to });
});

it('the script for an upgrade holds what is missing only', async () => {
  const { to } = await migrate(pool);
  expect(migrationsSql(to)).toBe('');
  expect(migrationsSql(to - 1)).toContain(`values (${to}, `);
  expect(migrationsSql(to - 1)).not.toContain('create schema');
});

it('an installed schema can be checked by a user who may not create one', async () => {
  await migrate(pool);
  const role = await createRole(database, ['usage on schema dualpath', 'select on dualpath.migrations']);
  await requireSchema(role.pool);
});
