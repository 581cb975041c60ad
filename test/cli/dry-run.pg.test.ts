import { beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { createRole } from '../support/roles.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';
import { fillSchool, schoolTables } from '../support/school.ts';
import { documentOf } from './document-of.ts';
import { runHere } from './streams.ts';

/** Commands as they are typed, and what they exit with when nothing is done. */
type Lines = Readonly<Record<string, number>>;

/** What is foreseen before anything was started. */
const PLANNED: Lines = {
  'start staff': 0,
  soak: 0,
  verify: 0,
  'verify --repair': 0,
  'flip staff': 5,
  'complete staff': 5,
  'rollback staff': 5,
  'rollback --all': 0,
  run: 0,
  'run staff': 0,
  'pause staff': 0,
  'resume staff': 0,
  'quarantine retry': 0,
  uninstall: 0,
  'uninstall --all': 0,
  init: 0,
  demo: 0,
};

/** And while one cohort soaks, with writes that nobody took in yet. */
const SOAKING: Lines = {
  'start staff': 0,
  'start everyone': 0,
  soak: 0,
  'verify --repair': 0,
  'flip staff': 0,
  'complete staff': 5,
  'rollback staff': 0,
  'rollback staff --reason x': 0,
  'rollback --all': 0,
  run: 0,
  'pause staff': 0,
  'quarantine retry': 0,
  uninstall: 5,
  'uninstall --all': 5,
};

describe('with --dry-run', () => {
  let database: TestDatabase;
  let rollout: TestRollout;

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 20);
    rollout = rolloutOf({
      version: 1,
      database: database.url,
      ...schoolTables,
      flags: { provider: 'file' },
      ...QUICK,
      cohorts: [
        { name: 'staff', users: ['u-1', 'u-2'] },
        { name: 'everyone', everyone: true },
      ],
    });
  });

  const changesNothing = async (line: string, exit: number): Promise<void> => {
    const before = await dump(database.pool, rollout.directory);
    const words = [...line.split(' '), '--dry-run', '--json', '--config', rollout.config];
    const result = await runHere(words);
    expect(result, result.stderr).toMatchObject({ exit });
    expect(documentOf(result)).not.toEqual({});
    expect(await dump(database.pool, rollout.directory)).toEqual(before);
  };

  it('init prints what it would execute', async () => {
    const { sql } = await rollout.run<{ sql: string }>(['init', '--dry-run']);
    expect(sql).toContain('create schema');
    await changesNothing('init', 0);
  });

  describe('before anything was started', () => {
    beforeAll(() => rollout.run(['init']));

    it.each(Object.entries(PLANNED))('`%s` changes nothing', changesNothing);

    it('not even for cohorts that the file has and nobody recorded', async () => {
      rollout.change({
        cohorts: [
          { name: 'staff', users: ['u-1', 'u-2'] },
          { name: 'pilot', match: { school: ['lincoln-high'] } },
          { name: 'everyone', everyone: true },
        ],
      });
      await changesNothing('start pilot', 0);
    });
  });

  describe('under a login that owns nothing', () => {
    it.each(['uninstall', 'uninstall --all --yes'])('%s is refused, and was foreseen', async (line) => {
      const login = await createRole(database, ['dualpath_controller']);
      rollout.change({ database: login.url });
      try {
        const refused = await runHere([...line.split(' '), '--json', '--config', rollout.config]);
        expect(documentOf(refused)).toMatchObject({
          error: { code: 'not-owner', message: expect.stringContaining('table public.documents') },
        });
        expect(refused.exit).toBe(2);
        await changesNothing(line, 2);
      } finally {
        rollout.change({ database: database.url });
      }
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_trigger where tgname like 'dualpath%'`,
      );
      expect(rows[0].count).toBeGreaterThan(0);
    });
  });

  describe('while a cohort soaks', () => {
    beforeAll(async () => {
      await rollout.run(['start', 'staff']);
      await rollout.run(['soak']);
      await database.pool.query(
        `update public.documents set revision = revision + 1, content = jsonb_set(content, '{content}', '[]')
          where owner_id = 'u-1'`,
      );
      await rollout.run(['soak']);
      await database.pool.query(`update public.documents set revision = revision + 1 where owner_id = 'u-2'`);
    });

    it.each(Object.entries(SOAKING))('`%s` changes nothing', changesNothing);

    it('rollback says what it would lose: nothing', async () => {
      const { stdout } = await rollout.try(['rollback', 'staff', '--dry-run']);
      expect(stdout).toMatch(/would lose nothing/i);
    });

    it('flip says the step it would take first', async () => {
      const { outcome, steps } = await rollout.run<{ outcome: string; steps: string[] }>([
        'flip',
        'staff',
        '--dry-run',
      ]);
      expect({ outcome, steps }).toEqual({ outcome: 'would', steps: ['soaking → cutting-over'] });
    });
  });
});
