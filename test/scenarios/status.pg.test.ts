import { beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport, WhyReport } from '../../src/controller.ts';
import { runHere } from '../cli/streams.ts';
import { EVERYONE, openScenario, type Scenario, save } from '../support/scenario.ts';

const STAFF = { name: 'staff', users: ['u-1', 'u-2'] };

describe('what status and why say', () => {
  let scenario: Scenario;
  const json = async <T>(line: string): Promise<T> => {
    const result = await runHere([...line.split(' '), '--json', '--config', scenario.rollout.config]);
    return JSON.parse(result.stdout) as T;
  };
  const cohort = async (name: string) =>
    (await json<StatusReport>('status')).cohorts.find((each) => each.name === name);
  const gate = async (name: string) =>
    (await json<WhyReport>('why staff')).gates.find((each) => each.gate === name);

  beforeAll(async () => {
    scenario = await openScenario({ documents: 20, cohorts: [STAFF, EVERYONE] });
    await scenario.database.pool.query(
      `update public.documents set owner_id = 'u-1' where id in (select id from public.documents order by id limit 6)`,
    );
    await json('start staff');
    await save(scenario.database.pool, 'observed', "owner_id = 'u-1'");
    await json('soak staff');
  });

  it('an approval is a condition of its own, with the command that gives it', async () => {
    const report = await json<WhyReport>('why staff');
    expect(report.gates.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(report.conditions).toEqual([
      {
        condition: 'approval',
        observed: 'not given',
        wanted: 'flip',
        because: 'approval of flip is manual, and it was not given',
        since: report.since,
        clears: '`dualpath flip staff`, once every gate passes',
      },
    ]);
  });

  it('a pause is one beside it, since it began', async () => {
    await json('pause staff');
    const { conditions } = await json<WhyReport>('why staff');
    const { rows } = await scenario.database.pool.query(
      `select paused_since from dualpath.cohorts where name = 'staff'`,
    );
    await json('resume staff');
    expect(conditions).toEqual([
      expect.objectContaining({
        condition: 'running',
        since: rows[0].paused_since.toISOString(),
        clears: '`dualpath resume staff`',
      }),
      expect.objectContaining({ condition: 'approval' }),
    ]);
  });

  it('every condition that is not met says what clears it, whatever the stage', async () => {
    for (const name of ['staff', 'everyone']) {
      const { gates, conditions } = await json<WhyReport>(`why ${name}`);
      const unmet = [...gates.filter(({ verdict }) => verdict !== 'pass'), ...conditions];
      expect(unmet.length).toBeGreaterThan(0);
      for (const { clears } of unmet) expect(clears).toMatch(/`dualpath \S+/);
    }
  });

  it('a document whose local-first state is gone is not proven, before any round has looked', async () => {
    const proven = (await cohort('staff'))?.documents.proven ?? 0;
    await scenario.database.pool.query(
      `delete from local_first.documents where id in (
         select d.id::uuid from dualpath.documents d where d.cohort = 'staff' order by d.id limit 2)`,
    );
    expect((await cohort('staff'))?.documents).toMatchObject({ proven: proven - 2, drift: 0 });
  });

  it('drift is there since it was found, not since the comparison before it', async () => {
    const before = (await gate('verification'))?.since ?? '';
    await json('soak staff');
    const drifts = await gate('verification');
    const { rows } = await scenario.database.pool.query(
      `select min(since) as since from dualpath.drift where cohort = 'staff'`,
    );
    expect(drifts).toMatchObject({
      verdict: 'fail',
      since: rows[0].since.toISOString(),
      clears: expect.stringContaining('`dualpath verify staff --repair`'),
    });
    expect(Date.parse(drifts?.since ?? '')).toBeGreaterThan(Date.parse(before));
  });

  it('what clears drift clears it', async () => {
    expect((await runHere(['verify', 'staff', '--repair', '--config', scenario.rollout.config])).exit).toBe(
      0,
    );
    expect((await gate('verification'))?.verdict).toBe('pass');
  });

  describe('of a started cohort that the file lost', () => {
    beforeAll(() => scenario.rollout.change({ cohorts: [EVERYONE] }));

    it('is that it is there, with its documents, and what it waits for', async () => {
      expect((await json<StatusReport>('status')).cohorts.map(({ name }) => name)).toEqual([
        'staff',
        'everyone',
      ]);
      const lost = await cohort('staff');
      expect(lost).toMatchObject({
        stage: 'soaking',
        documents: { drift: 0 },
        waitingFor: ['staff has been started and is not in the file: put it back'],
      });
      expect(lost?.documents.total).toBeGreaterThan(0);
      expect(lost?.documents.migrated).toBe(lost?.documents.total);
      const named = await json<StatusReport>('status staff');
      expect(named.cohorts).toEqual([lost]);
    });

    it('is how to put it back, to be pasted', async () => {
      const { conditions } = await json<WhyReport>('why staff');
      expect(conditions).toEqual([
        expect.objectContaining({
          condition: 'in-file',
          clears: expect.stringMatching(
            /as number 1 of the cohorts: - \{"name":"staff","users":\["u-1","u-2"\]\}$/,
          ),
        }),
      ]);
    });

    it('is for people too', async () => {
      const { stdout } = await scenario.rollout.try(['status']);
      expect(stdout).toMatch(
        /^staff +soaking .*staff has been started and is not in the file: put it back$/m,
      );
    });
  });

  it('a cohort that the file defines otherwise is marked so', async () => {
    scenario.rollout.change({ cohorts: [{ ...STAFF, users: ['u-1'] }, EVERYONE] });
    expect((await cohort('staff'))?.waitingFor[0]).toBe(
      'staff was started with users u-1, u-2, and the file has users u-1',
    );
    scenario.rollout.change({ cohorts: [STAFF, EVERYONE] });
  });

  it('a cohort that was rolled back waits for a start, and run says with which command', async () => {
    await json('rollback staff --reason tried');
    const { stdout } = await scenario.rollout.try(['run']);
    expect(stdout).toMatch(/^staff waits for somebody to start it again, for it was rolled back\.$/m);
    expect(stdout).toMatch(/^do → Run `dualpath start staff --config \S+` to begin again/m);
    expect(await json('run')).toMatchObject({
      outcome: 'not-yet',
      because: 'staff waits for somebody to start it again, for it was rolled back',
      remedy: expect.stringContaining('`dualpath start staff`'),
    });
    expect((await cohort('staff'))?.waitingFor).toEqual(['start again, for it was rolled back']);
    await json('start staff');
    expect((await cohort('staff'))?.stage).toBe('soaking');
  });
});
