import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SoakReport, StatusReport, VerifyReport } from '../../src/controller.ts';
import { runHere } from '../cli/streams.ts';
import { freshDatabase, type TestDatabase, urlOf } from '../support/database.ts';
import { failing, keysOf, PASSWORD } from '../support/failing.ts';
import { createRole } from '../support/roles.ts';
import { rolloutOf, type TestRollout } from '../support/rollout.ts';
import { fillSchool } from '../support/school.ts';

const AWAY = `postgres://someone:${PASSWORD}@127.0.0.1:9/school`;
const EVERY_COMMAND = [
  'plan',
  'start everyone',
  'soak',
  'verify',
  'flip everyone',
  'complete everyone --reason x --yes',
  'rollback everyone --reason x',
  'run',
  'pause everyone',
  'status',
  'why everyone',
  'diff x',
  'quarantine list',
  'journal show',
  'uninstall',
];

describe('a database that is not there', () => {
  const rollout = rolloutOf(keysOf(AWAY));

  it.each(['init', ...EVERY_COMMAND])('`%s` says where it looked, and ends with 6', async (line) => {
    const error = await failing(rollout.config, line, 6);
    expect(error).toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining('127.0.0.1:9'),
    });
  });

  it('`doctor` says it beside what is in order, and ends with 6', async () => {
    const result = await runHere(['doctor', '--json', '--config', rollout.config]);
    expect(result.exit).toBe(6);
    expect(result.stdout + result.stderr).not.toContain(PASSWORD);
  });
});

describe('a database that does not let us in', () => {
  let database: TestDatabase;
  let rollout: TestRollout;
  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 3);
    rollout = rolloutOf(keysOf(database.url));
    await rollout.run(['init']);
  });
  afterEach(() => rollout.change({ database: database.url }));

  it('for the password: 2', async () => {
    rollout.change({ database: urlOf(database.name, { user: 'postgres', password: PASSWORD }) });
    expect(await failing(rollout.config, 'status', 2)).toMatchObject({ code: 'database-auth' });
  });

  it('because there is no such database: 2', async () => {
    rollout.change({ database: urlOf('no_such_database') });
    expect(await failing(rollout.config, 'status', 2)).toMatchObject({
      code: 'database-auth',
      message: expect.stringContaining('no_such_database'),
    });
  });

  it('to write: init and start say which privilege is missing, and end with 2', async () => {
    const reader = await createRole(database, ['select on all tables in schema public']);
    rollout.change({ database: reader.url });
    expect(await failing(rollout.config, 'init', 2)).toMatchObject({
      code: expect.stringMatching(/privilege|cannot/),
      message: expect.stringMatching(/privilege|permission|owner|may not/),
    });
    expect(await failing(rollout.config, 'start everyone', 2)).toMatchObject({
      code: expect.stringMatching(/privilege/),
    });
  });

  it('but to look: dualpath_observer is enough for status, soak and verify, and start is refused with 2', async () => {
    await rollout.run(['start', 'everyone']);
    const observer = await createRole(database, ['dualpath_observer']);
    rollout.change({ database: observer.url });
    expect(await rollout.run<StatusReport>(['status'])).toMatchObject({ cohorts: [{ stage: 'soaking' }] });
    expect(await rollout.run<SoakReport>(['soak'])).toMatchObject({
      cohorts: [{ name: 'everyone', mismatches: 0 }],
    });
    expect(await rollout.run<VerifyReport>(['verify'])).toMatchObject({
      cohorts: [{ compared: 3, driftTotal: 0 }],
    });
    expect(await failing(rollout.config, 'rollback everyone --reason x', 2)).toMatchObject({
      code: expect.stringMatching(/privilege/),
    });
  });

  it('because a newer dualpath made its schema: 2', async () => {
    const newer = await freshDatabase();
    await fillSchool(newer, 1);
    await newer.pool.query(
      `insert into dualpath.migrations (version, name, checksum) select 99, 'from-the-future', 'x'`,
    );
    rollout.change({ database: newer.url });
    for (const line of ['init', 'status', 'soak'])
      expect(await failing(rollout.config, line, 2)).toMatchObject({
        code: 'schema-newer',
        message: expect.stringContaining('99'),
      });
  });
});

describe('tables that do not fit', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 2);
    await database.pool.query(`
      create table public.keyless (id text, owner_id text, content jsonb, revision bigint);
      create table public.numbered (id text primary key, owner_id text, content bigint, revision bigint);
    `);
  });
  const documents = (table: string, columns: object = {}) => ({
    documents: {
      table,
      format: 'prosemirror',
      columns: { id: 'id', owner: 'owner_id', content: 'content', revision: 'revision', ...columns },
    },
  });

  it.each([
    ['no such table', documents('public.nothing'), 'missing-table', 'nothing'],
    ['no such column', documents('public.documents', { content: 'contents' }), 'missing-column', 'contents'],
    ['no key', documents('public.keyless'), 'no-unique-key', 'keyless'],
    ['content that is a number', documents('public.numbered'), 'unsupported-type', 'content'],
    [
      'no such users',
      { users: { table: 'public.people', columns: { id: 'id' } } },
      'missing-table',
      'people',
    ],
  ])('%s: init and doctor name it, end with 2, and nothing was made', async (_, keys, code, name) => {
    const { config } = rolloutOf(keysOf(database.url, keys));
    expect(await failing(config, 'init', 2)).toMatchObject({ code, message: expect.stringContaining(name) });
    const doctor = await runHere(['doctor', '--json', '--config', config]);
    expect(doctor).toMatchObject({ exit: 2, stdout: expect.stringContaining(name) });
    const { rows } = await database.pool.query(`select to_regnamespace('dualpath') as made`);
    expect(rows).toEqual([{ made: null }]);
  });
});

describe('a config with ten mistakes', () => {
  it('is told all ten, each with its place, before anything is touched', async () => {
    const { config } = rolloutOf({
      version: 2,
      database: 17,
      documents: { table: 'public.documents', columns: { id: 'id' }, format: 'word', where: 5 },
      users: { table: 'public.users', columns: { id: 'id' }, nonsense: true },
      flags: { provider: 'launchdarkly' },
      soak: { duration: 'long', max_mismatch_rate: 2 },
      cohorts: [
        { name: 'a', percent: 10 },
        { name: 'a', percent: 200 },
      ],
    });
    const error = await failing(config, 'status', 2);
    const text = JSON.stringify(error);
    expect(error.code).toBe('config-invalid');
    const places = [
      'version',
      'database',
      'documents.format',
      'documents.where',
      'nonsense',
      'flags.provider',
      'soak.duration',
      'soak.max_mismatch_rate',
      'cohorts',
      'percent',
    ];
    for (const place of places) expect(text, place).toContain(place);
  });
});
