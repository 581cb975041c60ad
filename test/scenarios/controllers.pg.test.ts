import { beforeEach, describe, expect, it } from 'vitest';
import type { MoveReport, StatusReport } from '../../src/controller.ts';
import type { CliResult, Running } from '../support/cli.ts';
import { expectNothingLostOrDoubled, openScenario, type Scenario, untilRow } from '../support/scenario.ts';

interface Failure {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
  };
}

const failureOf = (result: CliResult): Failure['error'] => (JSON.parse(result.stdout) as Failure).error;

describe('two controllers at one cohort', () => {
  let scenario: Scenario;
  /** Lets go of the row that keeps the first controller from finishing. */
  let release: () => Promise<void>;

  beforeEach(async () => {
    scenario = await openScenario({ documents: 20 });
  });

  const one = <T extends object>(sql: string): Promise<T> => untilRow<T>(scenario.database.pool, sql);
  const updates = async (): Promise<number> =>
    (await one<{ count: number }>(`select count(*)::int as count from dualpath.updates`)).count;

  /** A `start` that has copied every document but one, whose row a student's transaction holds. */
  async function startedUntilCopying(): Promise<Running> {
    const student = await scenario.database.pool.connect();
    await student.query(
      `begin; select from public.documents where id = (select max(id::text)::uuid from public.documents) for update`,
    );
    release = async () => {
      await student.query('commit');
      student.release();
    };
    const running = scenario.rollout.start(['start', 'everyone', '--json', '--operator', 'ada']);
    await one(`select from dualpath.updates having count(*) = 19`);
    return running;
  }

  const journalOf = async (): Promise<readonly { kind: string; operator: string }[]> =>
    (
      await scenario.rollout.run<{ entries: { kind: string; operator: string }[] }>([
        'journal',
        'show',
        'everyone',
      ])
    ).entries;

  it('the second is told who holds it, and exits 5', async () => {
    const first = await startedUntilCopying();
    const second = await scenario.rollout.try(['start', 'everyone', '--json']);
    expect(second.exit).toBe(5);
    expect(failureOf(second)).toMatchObject({
      code: 'lease-held',
      details: { holder: expect.stringContaining(`ada on `) },
    });
    expect(failureOf(second).message).toContain(`process ${first.child.pid}`);
    await release();
    expect(await first.ended).toMatchObject({ exit: 0 });
    await expectNothingLostOrDoubled(scenario);
  });

  it('a rollback takes over at once, and the first one writes nothing more and exits 5', async () => {
    const first = await startedUntilCopying();
    const report = await scenario.rollout.run<MoveReport>([
      'rollback',
      'everyone',
      '--reason',
      'wrong cohort',
      '--operator',
      'grace',
    ]);
    expect(report.cohorts[0]).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    const ended = await first.ended;
    await release();
    expect(ended.exit).toBe(5);
    expect(failureOf(ended).code).toBe('fenced');
    expect(await updates()).toBe(19);
    const kinds = await journalOf();
    const takenOver = kinds.findIndex(({ kind }) => kind === 'rolling-back');
    expect(kinds.slice(takenOver).map(({ operator }) => operator)).not.toContain('ada');
    await scenario.rollout.run(['start', 'everyone']);
    await expectNothingLostOrDoubled(scenario);
  });

  it('a pause stops the first one at once, and after a resume the same command goes on', async () => {
    const first = await startedUntilCopying();
    const { cohorts } = await scenario.rollout.run<StatusReport>([
      'pause',
      'everyone',
      '--reason',
      'exam week',
    ]);
    expect(cohorts[0]).toMatchObject({ status: 'paused', stage: 'backfilling' });
    const ended = await first.ended;
    await release();
    expect(ended.exit).toBe(5);
    expect(failureOf(ended).code).toBe('paused');
    expect(await updates()).toBe(19);
    expect(failureOf(await scenario.rollout.try(['start', 'everyone', '--json'])).message).toContain(
      'paused',
    );
    await scenario.rollout.run(['resume', 'everyone']);
    await scenario.rollout.run(['start', 'everyone']);
    await expectNothingLostOrDoubled(scenario);
  });

  it('SIGINT and SIGTERM finish the statement in hand and give up the lease: the next call goes on at once', async () => {
    const first = await startedUntilCopying();
    first.child.kill('SIGINT');
    expect(await first.ended).toMatchObject({ exit: 130 });
    const second = scenario.rollout.start(['start', 'everyone']);
    await one(`select from dualpath.cohorts where lease_holder like '%process ${second.child.pid}'`);
    second.child.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ exit: 143 });
    await release();
    expect(await scenario.rollout.try(['start', 'everyone'])).toMatchObject({ exit: 0 });
    await expectNothingLostOrDoubled(scenario);
  });
});
