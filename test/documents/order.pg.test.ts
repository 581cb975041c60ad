import { beforeAll, describe, expect, test } from 'vitest';
import { readConflicts, readConflictsOf } from '../../src/documents/conflict-records.ts';
import { insertConflict } from '../../src/documents/conflicts.ts';
import { readSent } from '../../src/documents/history.ts';
import { keepVersions } from '../../src/documents/updates.ts';
import { allUsers } from '../../src/soak/users.ts';
import { openTables, type Tables } from './tables.ts';

/** Numbers are told apart as numbers: 9 comes before 10 and after 8, wherever rows come in an order. */
const MANY = 12;

const USERS_BY_NUMBER = `
  create table public.users (id bigint primary key, school_id text);
  create table public.documents (
    id text primary key, owner_id bigint, content jsonb, revision bigint not null default 1, updated_at timestamptz);
  insert into public.users select n, 's-1' from generate_series(1, 7000) n`;

let tables: Tables;
beforeAll(async () => {
  tables = await openTables(USERS_BY_NUMBER);
});

const conflict = (version: string) => ({
  document: 'a',
  cohort: 'everyone',
  class: 'needs-review' as const,
  reasons: ['same-gap'],
  origin: 'save' as const,
  device: null,
  baseKnown: 'named',
  base: null,
  ours: null,
  theirs: null,
  result: null,
  version,
});

describe('rows with numbers', () => {
  test('conflicts come the newest first', async () => {
    const { pool } = tables;
    for (let number = 1; number <= MANY; number++) await insertConflict(pool, conflict(String(number)));
    const newestFirst = Array.from({ length: MANY }, (_, index) => MANY - index);
    const of = await readConflictsOf(pool, 'a');
    expect(of.map(({ version }) => Number(version))).toEqual(newestFirst);
    await pool.query(`update dualpath.conflicts set at = now()`);
    expect((await readConflicts(pool, MANY)).map(({ version }) => Number(version))).toEqual(newestFirst);
  });

  test('the newest contents that clients sent are the last ones they sent', async () => {
    const { pool } = tables;
    for (let number = 1; number <= MANY; number++)
      await keepVersions(pool, [
        { id: 'a', content: '{}', legacyRevision: null, source: 'save', version: String(number) },
      ]);
    expect((await readSent(pool, 'a', 3)).map(({ version }) => version)).toEqual(['12', '11', '10']);
  });

  test('every user is looked at once, whatever their numbers', async () => {
    const found: string[] = [];
    for await (const page of allUsers(tables.pool, tables.stores)) found.push(...page.map(({ id }) => id));
    expect(found.length).toBe(7000);
    expect(new Set(found).size).toBe(7000);
  });
});
