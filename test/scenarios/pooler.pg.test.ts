import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport, SoakReport } from '../../src/controller.ts';
import { type Pooler, startPooler } from '../support/pooler.ts';
import { expectNothingLostOrDoubled, openScenario, type Scenario, save } from '../support/scenario.ts';

describe('through a pooler that gives each transaction another connection', () => {
  let pooler: Pooler;
  let scenario: Scenario;

  beforeAll(async () => {
    scenario = await openScenario({ documents: 40 });
    // The fewest a command can do with: one keeps the lock of a flag write or a round, the other does the work.
    pooler = await startPooler(scenario.database.url, { connections: 2 });
    scenario.rollout.change({ database: pooler.url });
  });
  afterAll(() => pooler?.close());

  it('starts', async () => {
    const { cohorts } = await scenario.rollout.run<MoveReport>(['start', 'everyone']);
    expect(cohorts[0]).toMatchObject({ stage: 'soaking', documents: { migrated: 40, proven: 40 } });
    await expectNothingLostOrDoubled(scenario);
    expect(pooler.transactions()).toBeGreaterThan(20);
  });

  it('soaks', async () => {
    await save(scenario, 'throughthepooler');
    const { cohorts } = await scenario.rollout.run<SoakReport>(['soak']);
    expect(cohorts[0]).toMatchObject({ verdict: 'pass', observations: 5, mismatches: 0 });
    await expectNothingLostOrDoubled(scenario);
  });

  it('soaks three times at once: the rounds that wait leave the connections to the one that works', async () => {
    const ended = await Promise.all([1, 2, 3].map(() => scenario.rollout.try(['soak'])));
    expect(ended.map(({ exit }) => exit)).toEqual([0, 0, 0]);
  });

  it('flips and rolls back', async () => {
    await scenario.rollout.run(['flip', 'everyone']);
    const { cohorts } = await scenario.rollout.run<MoveReport>([
      'rollback',
      'everyone',
      '--reason',
      'a drill',
    ]);
    expect(cohorts[0]).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    await expectNothingLostOrDoubled(scenario);
  });
});
