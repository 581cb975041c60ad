import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asDualpathError } from '../../src/postgres/errors.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { freshDatabase, serverUrl, type TestDatabase, urlOf } from '../support/database.ts';
import { createRole } from '../support/roles.ts';

let database: TestDatabase;
const servers: ReturnType<typeof createServer>[] = [];

beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  await database.pool.query('create table public.documents (id text primary key)');
});

afterAll(() => {
  for (const server of servers) server.close();
});

/** What a command would report of a query at that URL. */
async function failureAt(url: string, sql = 'select 1'): Promise<unknown> {
  const pool = openPool(url, { max: 1 });
  try {
    await pool.query(sql);
    throw new Error('the query was expected to fail');
  } catch (error) {
    return asDualpathError(error, { url });
  } finally {
    await pool.end();
  }
}

async function listen(onConnect: (socket: import('node:net').Socket) => void): Promise<number> {
  const server = createServer(onConnect);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

it('a wrong password is a matter of the config, and is not repeated', async () => {
  const url = urlOf(database.name, { user: 'postgres', password: 'hunter2-wrong' });
  const error = await failureAt(url);
  expect(error).toMatchObject({
    code: 'database-auth',
    exitCode: 2,
    message: expect.stringContaining('password authentication failed'),
  });
  expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
});

it('a URL without a password says that the password is missing', async () => {
  const url = new URL(urlOf(database.name));
  url.password = '';
  expect(await failureAt(url.href)).toMatchObject({ code: 'database-auth', exitCode: 2 });
});

it('an unknown user does not get in', async () => {
  const error = await failureAt(urlOf(database.name, { user: 'nobody_here', password: 'x-y-z' }));
  expect(error).toMatchObject({ code: 'database-auth', exitCode: 2 });
});

it('a database that does not exist is named', async () => {
  const error = await failureAt(urlOf('no_such_database'));
  expect(error).toMatchObject({
    code: 'database-auth',
    exitCode: 2,
    message: expect.stringContaining('no_such_database'),
  });
});

it('a port where nobody listens is unreachable, worth trying again, and named', async () => {
  const port = await listen(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const error = await failureAt(`postgres://ann:pw-secret@127.0.0.1:${port}/app`);
  expect(error).toMatchObject({
    code: 'database-unreachable',
    exitCode: 6,
    retryable: true,
    message: expect.stringContaining(`app at 127.0.0.1:${port}`),
  });
  expect(String(error)).not.toContain('pw-secret');
});

it('a host name that does not resolve is unreachable', async () => {
  expect(await failureAt('postgres://ann@no-such-host.invalid/app')).toMatchObject({
    code: 'database-unreachable',
    exitCode: 6,
  });
});

it('a socket that is not there is unreachable', async () => {
  expect(await failureAt('postgres:///app?host=/no/such/folder')).toMatchObject({
    code: 'database-unreachable',
    exitCode: 6,
  });
});

it('a server that hangs up is a lost connection', async () => {
  const port = await listen((socket) => socket.destroy());
  expect(await failureAt(`postgres://ann@127.0.0.1:${port}/app`)).toMatchObject({
    code: 'database-lost',
    exitCode: 6,
  });
});

it('a server without encryption, where the URL asks for it, is a matter of the config', async () => {
  const url = `${serverUrl()}?sslmode=verify-full`;
  expect(await failureAt(url)).toMatchObject({ code: 'database-tls', exitCode: 2 });
});

it('a certificate that is not there is named', async () => {
  const error = await failureAt(`${serverUrl()}?sslmode=verify-full&sslrootcert=/no/such/ca.pem`);
  expect(error).toMatchObject({ code: 'database-tls', message: expect.stringContaining('/no/such/ca.pem') });
});

it('a URL that is none is a matter of the config, and is not repeated', async () => {
  const error = await failureAt('postgres://ann:pw-secret@127.0.0.1:port/app');
  expect(error).toMatchObject({ code: 'database-url', exitCode: 2 });
  expect(String(error)).not.toContain('pw-secret');
});

it('a missing right is named', async () => {
  const role = await createRole(database);
  expect(await failureAt(role.url, 'select * from public.documents')).toMatchObject({
    code: 'privilege',
    exitCode: 2,
    message: expect.stringContaining('permission denied for table documents'),
  });
});

it('a user who may only read is told so', async () => {
  const role = await createRole(database, ['select, insert on public.documents']);
  await database.pool.query(`alter role ${role.name} set default_transaction_read_only = on`);
  const error = await failureAt(role.url, "insert into public.documents values ('a')");
  expect(error).toMatchObject({ code: 'database-read-only', exitCode: 2 });
});

it('a server that ends our session is a lost connection', async () => {
  const error = await failureAt(database.url, 'select pg_terminate_backend(pg_backend_pid())');
  expect(error).toMatchObject({ code: 'database-lost', exitCode: 6, retryable: true });
});

it('no connection left is worth waiting for', async () => {
  const role = await createRole(database);
  await database.pool.query(`alter role ${role.name} connection limit 0`);
  expect(await failureAt(role.url)).toMatchObject({
    code: 'database-unavailable',
    exitCode: 6,
    retryable: true,
  });
});

it('a lock that somebody else holds is held', async () => {
  const holder = await database.pool.connect();
  try {
    await holder.query('begin; lock table public.documents');
    const error = await failureAt(database.url, 'set lock_timeout = 20; select * from public.documents');
    expect(error).toMatchObject({ code: 'table-locked', exitCode: 5 });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});
