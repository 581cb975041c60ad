import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { atFileEnd } from './file-end.ts';

export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  readonly name: string;
  /** Closes the pool and drops the database, with whoever is still connected to it. */
  drop(): Promise<void>;
}

const open = new Set<TestDatabase>();
let finished = false;
let failed = false;

/** The superuser's URL of the server of this run, on its database `dualpath`. */
export function serverUrl(): string {
  return inject('serverUrl');
}

/**
 * A database of its own, `migrated` (the default) with the control schema in it. It goes when the file's tests are
 * done; if one of them failed it stays, and its name is printed.
 */
export async function freshDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = (options.migrated ?? true) ? 'dualpath_template' : 'template0';
  await onServer((server) => server.query(`create database ${name} template ${template}`));
  const url = urlOf(name);
  const database: TestDatabase = {
    url,
    pool: openPool(url, { applicationName: 'dualpath-test' }),
    name,
    drop: async () => {
      open.delete(database);
      if (!database.pool.ended) await database.pool.end();
      await onServer((server) => server.query(`drop database if exists ${name} with (force)`));
    },
  };
  open.add(database);
  return database;
}

/** The URL of another database, or the same one as another user. */
export function urlOf(database: string, login?: { user: string; password: string }): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  if (login !== undefined) {
    url.username = login.user;
    url.password = login.password;
  }
  return url.href;
}

/** A statement or two on the server's own database, such as CREATE DATABASE. */
export async function onServer<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(serverUrl(), { max: 1, applicationName: 'dualpath-test' });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** Whether a test of this file passed: the databases of one that failed are kept. */
export function noteOutcome(isFailed: boolean): void {
  finished = true;
  failed ||= isFailed;
}

atFileEnd(async () => {
  // No test finished at all: then a hook before them failed.
  for (const database of [...open]) {
    if (failed || !finished) await keep(database);
    else await database.drop();
  }
  finished = false;
  failed = false;
});

async function keep(database: TestDatabase): Promise<void> {
  open.delete(database);
  if (!database.pool.ended) await database.pool.end();
  const home = dirname(inject('serverDirectory'));
  writeFileSync(join(home, 'kept'), `${database.name}\n`, { flag: 'a' });
  console.error(
    `Kept the database ${database.name} of the failed test for two hours. To look at it, start its server and take the URL:\n` +
      `  node -e "import('./dist/postgres/embedded.js').then(m => m.ensureEmbedded('${inject('serverDirectory')}')).then(console.log)"`,
  );
}
