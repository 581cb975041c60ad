import { randomBytes } from 'node:crypto';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { onServer, type TestDatabase, urlOf } from './database.ts';
import { atFileEnd } from './file-end.ts';

export interface TestRole {
  readonly name: string;
  readonly url: string;
  readonly pool: Pool;
}

const roles: TestRole[] = [];

/**
 * A login of its own on the test's database, with nothing but what `grants` says: `select on public.documents`,
 * or the name of a role to be a member of. It goes after the file's tests.
 */
export async function createRole(database: TestDatabase, grants: readonly string[] = []): Promise<TestRole> {
  const name = `role_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await onServer((server) => server.query(`create role ${name} login password '${password}'`));
  for (const grant of grants) await database.pool.query(`grant ${grant} to ${name}`);
  const url = urlOf(database.name, { user: name, password });
  const role = { name, url, pool: openPool(url, { applicationName: 'dualpath-test' }) };
  roles.push(role);
  return role;
}

// Before the end of the databases: the rights of a role are taken off in its database, which may be kept.
atFileEnd(async () => {
  for (const { name, pool } of roles.splice(0)) {
    const url = pool.options.connectionString;
    await pool.end();
    await dropOwned(url, name);
    await onServer((server) => server.query(`drop role if exists ${name}`)).catch((error: Error) => {
      console.error(`The role ${name} stays: ${error.message}`);
    });
  }
});

async function dropOwned(url: string | undefined, name: string): Promise<void> {
  if (url === undefined) return;
  const pool = openPool(urlOf(new URL(url).pathname.slice(1)), { max: 1 });
  // A test may have dropped its database already.
  await pool.query(`drop owned by ${name}`).catch(() => undefined);
  await pool.end();
}
