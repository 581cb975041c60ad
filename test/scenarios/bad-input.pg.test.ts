import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport, PlanReport, SoakReport, StatusReport, VerifyReport } from '../../src/controller.ts';
import { documentOf } from '../cli/document-of.ts';
import { runHere } from '../cli/streams.ts';
import { freshDatabase, type TestDatabase, urlOf } from '../support/database.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import { createRole } from '../support/roles.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';
import { fillSchool, schoolTables } from '../support/school.ts';
import { sharedUnleash } from '../support/unleash.ts';

const PASSWORD = 'sesame-4711';
const AWAY = `postgres://someone:${PASSWORD}@127.0.0.1:9/school`;
/** A port that nobody listens on. */
const NO_SERVER = 'http://127.0.0.1:9';
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

interface Told {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a command said when it failed: one sentence, one remedy, no stack and no secret, for people and programs alike. */
async function failing(config: string, line: string, exit: number): Promise<Told> {
  const words = [...line.split(' '), '--config', config];
  const result = await runHere([...words, '--json']);
  const output = result.stdout + result.stderr;
  expect(result, `${line}\n${result.stderr}`).toMatchObject({ exit });
  for (const secret of [PASSWORD, ADMIN_TOKEN, CLIENT_TOKEN]) expect(output).not.toContain(secret);
  expect(output).not.toMatch(/^\s+at /m);
  const { error } = documentOf(result) as { error: Told };
  expect(error.message).toMatch(/^\S.*\.$/);
  expect(error.remedy).toMatch(/^\S.*[.)]$/);
  expect(error.code).not.toBe('internal');
  return error;
}

const keysOf = (database: string, more: object = {}): object => ({
  version: 1,
  database,
  ...schoolTables,
  flags: { provider: 'file' },
  ...QUICK,
  cohorts: [{ name: 'everyone', everyone: true }],
  ...more,
});

const unleashAt = (url: string, more: object = {}): object => ({
  flags: {
    provider: 'unleash',
    url,
    admin_token: ADMIN_TOKEN,
    client_token: CLIENT_TOKEN,
    project: 'default',
    environment: 'production',
    ...more,
  },
});

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

describe('a flag server', () => {
  const unleash = sharedUnleash();
  let database: TestDatabase;
  let rollout: TestRollout;
  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 3);
    rollout = rolloutOf(keysOf(database.url, unleashAt(unleash.url)));
    await rollout.run(['init']);
  });
  const flags = (more: object) => rollout.change(unleashAt(unleash.url, more));

  it('that is not there: start ends with 6 and leaves no document copied', async () => {
    flags({ url: NO_SERVER });
    expect(await failing(rollout.config, 'start everyone', 6)).toMatchObject({
      code: 'flag-server-unavailable',
      message: expect.stringContaining('127.0.0.1:9'),
    });
    const { rows } = await database.pool.query(`select count(*)::int as copied from dualpath.documents`);
    expect(rows).toEqual([{ copied: 0 }]);
    expect(await rollout.run<PlanReport>(['plan'])).toMatchObject({ cohorts: [{ documents: 3 }] });
  });

  it('that refuses the admin token: start ends with 2', async () => {
    flags({ admin_token: '*:*.wrong-admin-token' });
    const error = await failing(rollout.config, 'start everyone', 2);
    expect(error.code).toMatch(/^flag-token-/);
    expect(JSON.stringify(error)).not.toContain('wrong-admin-token');
  });

  it('that refuses the client token: start ends with 2', async () => {
    flags({ client_token: 'default:production.wrong-client-token' });
    const error = await failing(rollout.config, 'start everyone', 2);
    expect(error.code).toMatch(/^flag-token-/);
    expect(JSON.stringify(error)).not.toContain('wrong-client-token');
  });

  it('that is mended: the same command goes on', async () => {
    flags({});
    expect(await rollout.run<MoveReport>(['start', 'everyone'])).toMatchObject({
      cohorts: [{ stage: 'soaking' }],
    });
  });

  it('that went away meanwhile: soak still compares, and ends with 6; status says so', async () => {
    flags({ url: NO_SERVER });
    expect(await failing(rollout.config, 'soak', 6)).toMatchObject({ code: 'flag-server-unavailable' });
    const { cohorts } = await rollout.run<StatusReport>(['status']);
    expect(cohorts[0]?.waitingFor.join(' ')).toContain('127.0.0.1:9');
    expect(await rollout.run<VerifyReport>(['verify'])).toMatchObject({ cohorts: [{ compared: 3 }] });
  });

  it('whose token is refused meanwhile: soak ends with 2', async () => {
    flags({ client_token: 'default:production.wrong-client-token' });
    expect((await failing(rollout.config, 'soak', 2)).code).toMatch(/^flag-token-/);
  });
});
