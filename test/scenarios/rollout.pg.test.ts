import { beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport, StatusReport } from '../../src/controller.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';
import { save, saveBySql } from '../support/scenario.ts';
import { fillSchool, schoolTables, unequalDocuments } from '../support/school.ts';
import { sharedUnleash } from '../support/unleash.ts';

const TABLES = { legacy: 'public.documents', content: 'content', id: 'id' };

describe('real documents through a whole rollout, on real PostgreSQL and real Unleash', () => {
  const unleash = sharedUnleash();
  let database: TestDatabase;
  let rollout: TestRollout;

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 80);
    rollout = rolloutOf({
      version: 1,
      database: database.url,
      ...schoolTables,
      flags: {
        provider: 'unleash',
        url: unleash.url,
        admin_token: ADMIN_TOKEN,
        client_token: CLIENT_TOKEN,
        project: 'default',
        environment: 'production',
      },
      ...QUICK,
      cohorts: [{ name: 'everyone', everyone: true }],
    });
    await rollout.run(['init']);
  });

  const stageOf = async (): Promise<string | undefined> =>
    (await rollout.run<StatusReport>(['status'])).cohorts[0]?.stage;
  /** Half of it through dualpath, half by a program that goes on writing the table by plain SQL. */
  const bothSave = async (word: string): Promise<void> => {
    await save({ database, rollout }, `${word}saved`);
    await saveBySql(database.pool, `${word}written`);
  };
  const equal = async (): Promise<void> => expect(await unequalDocuments(database.pool, TABLES)).toEqual([]);

  it('starts: every document is in both stores, and equal by a decoder that is not ours', async () => {
    const report = await rollout.run<MoveReport>(['start', 'everyone']);
    expect(report.cohorts[0]).toMatchObject({
      stage: 'soaking',
      documents: { total: 80, migrated: 80, proven: 80 },
    });
    await equal();
  });

  it('soaks on saves through dualpath and on plain SQL between any two steps', async () => {
    await bothSave('betweenstartandsoak');
    await rollout.run(['soak']);
    await equal();
  });

  it('flips on proof', async () => {
    await bothSave('betweensoakandflip');
    await rollout.run(['flip', 'everyone']);
    const status = await rollout.run<StatusReport>(['status']);
    expect(status.cohorts[0]).toMatchObject({ stage: 'baking', authority: 'local-first' });
    await equal();
  });

  it('bakes: what is still written by plain SQL is carried over', async () => {
    await bothSave('whilebaking');
    await rollout.run(['soak']);
    await equal();
  });

  it('rolls back: authority is legacy again and nothing is lost', async () => {
    await bothSave('justbeforerollback');
    await rollout.run(['rollback', 'everyone', '--reason', 'to see that it goes back']);
    const status = await rollout.run<StatusReport>(['status']);
    expect(status.cohorts[0]).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    await equal();
  });

  it('starts again without seeding again', async () => {
    await bothSave('afterrollback');
    await rollout.run(['start', 'everyone']);
    expect(await stageOf()).toBe('soaking');
    const { rows } = await database.pool.query(
      `select count(*)::int as seeds from dualpath.updates where origin = 'seed'`,
    );
    expect(rows).toEqual([{ seeds: 80 }]);
    await equal();
  });

  it('flips again and completes', async () => {
    await bothSave('beforesecondflip');
    await rollout.run(['soak']);
    await rollout.run(['flip', 'everyone']);
    await bothSave('beforecomplete');
    await rollout.run(['soak']);
    await rollout.run(['complete', 'everyone', '--yes', '--reason', 'it held']);
    expect(await stageOf()).toBe('completed');
    await equal();
  });

  it('has journaled every decision in a chain that holds', async () => {
    const verdict = await rollout.run<{ broken: unknown; entries: number }>(['journal', 'verify']);
    expect(verdict.broken).toBeNull();
    const { entries } = await rollout.run<{ entries: { kind: string }[] }>(['journal', 'show', 'everyone']);
    const kinds = entries.map((entry) => entry.kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['dual-writing', 'backfilling', 'soaking', 'cutting-over', 'baking']),
    );
    expect(kinds.slice(-1)).toEqual(['completed']);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });
});
