import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { BIN } from '../support/cli.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';
import { saveBySql } from '../support/scenario.ts';
import { fillSchool, schoolTables } from '../support/school.ts';
import { parseXml } from './xml.ts';

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly if?: string;
}

const { steps } = (
  parse(readFileSync(new URL('../../examples/github-actions/soak.yml', import.meta.url), 'utf8')) as {
    jobs: { soak: { steps: readonly Step[] } };
  }
).jobs.soak;

/** The steps as the runner of GitHub does them: one after another, after a failure only those that want it so. */
function runJob(directory: string, env: Readonly<Record<string, string>>): { exit: number; log: string } {
  let exit = 0;
  let log = '';
  for (const step of steps) {
    // What is installed is the checkout under test.
    if (step.run === undefined || step.run.startsWith('npm ')) continue;
    if (exit !== 0 && step.if !== 'always()') continue;
    const done = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step.run], {
      cwd: directory,
      env,
      encoding: 'utf8',
    });
    log += `${done.stdout}${done.stderr}`;
    exit ||= done.status ?? 1;
  }
  return { exit, log };
}

describe('the steps of examples/github-actions/soak.yml', () => {
  let database: TestDatabase;
  let rollout: TestRollout;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 12);
    const keys = {
      version: 1,
      ...schoolTables,
      flags: { provider: 'file' },
      ...QUICK,
      cohorts: [{ name: 'everyone', everyone: true }],
    };
    rollout = rolloutOf({ ...keys, database: database.url });
    await rollout.run(['init']);
    await rollout.run(['start', 'everyone']);
    // From here on as the job has it: a login of its own, named by the secret.
    const ci = await createRole(database, ['dualpath_observer', 'dualpath_app']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the config to fill in
    writeFileSync(rollout.config, stringify({ ...keys, database: '${DATABASE_URL}' }));
    env = { ...environmentIn(rollout.directory), DATABASE_URL: ci.url };
  });

  const path = (name: string): string => join(rollout.directory, name);
  const summary = (): string => readFileSync(path('summary.md'), 'utf8');

  it('are green while a cohort soaks, and leave a report and a summary', async () => {
    await saveBySql(database.pool, 'observed');
    expect(runJob(rollout.directory, env)).toMatchObject({ exit: 0 });
    expect(parseXml(readFileSync(path('reports/soak.xml'), 'utf8')).children[0]?.attributes).toMatchObject({
      name: 'everyone',
      failures: '0',
      errors: '0',
    });
    expect(summary()).toContain('### everyone (soaking)');
  });

  it('are red over drift, and say so in both', async () => {
    await database.pool.query(
      `delete from local_first.documents where id in (select id from local_first.documents order by id limit 1)`,
    );
    const { exit, log } = runJob(rollout.directory, env);
    expect({ exit, log }).toMatchObject({ exit: 3, log: expect.stringContaining('fail') });
    const { attributes } = parseXml(readFileSync(path('reports/soak.xml'), 'utf8'));
    expect(Number(attributes.failures)).toBeGreaterThan(0);
    expect(summary()).toContain('❌ fail');
  });

  it('are red when the database is away, and both reports and the summary say why', () => {
    const away = { ...env, DATABASE_URL: 'postgres://soak:sesame@127.0.0.1:9/school' };
    const fresh = path('fresh');
    mkdirSync(fresh);
    writeFileSync(join(fresh, 'cohorts.yaml'), readFileSync(rollout.config));
    const { exit, log } = runJob(fresh, { ...away, GITHUB_STEP_SUMMARY: join(fresh, 'summary.md') });
    expect(exit).toBe(6);
    expect(log).not.toContain('sesame');
    const { attributes } = parseXml(readFileSync(join(fresh, 'reports/soak.xml'), 'utf8'));
    expect(Number(attributes.failures) + Number(attributes.errors)).toBeGreaterThan(0);
    const summary = readFileSync(join(fresh, 'summary.md'), 'utf8');
    expect(summary).toContain('cannot be reached');
    expect(summary).not.toContain('sesame');
  });
});

/** What the runner gives a step, with `npx dualpath` being the one under test. */
function environmentIn(directory: string): Readonly<Record<string, string>> {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1" = dualpath ] || exit 127\nshift\nexec '${process.execPath}' '${BIN}' "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  return {
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    HOME: directory,
    CI: 'true',
    GITHUB_ACTOR: 'octocat',
    GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
  };
}
