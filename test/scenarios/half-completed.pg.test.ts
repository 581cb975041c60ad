import { beforeAll, describe, expect, it } from 'vitest';
import { openController, type SoakReport, type StatusReport } from '../../src/controller.ts';
import { controlling, openScenario, type Scenario, save } from '../support/scenario.ts';

describe('a complete that was cut off between its flag and its stage', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({
      documents: 8,
      cohorts: [
        { name: 'staff', users: ['u-1', 'u-2', 'u-3', 'u-4'] },
        { name: 'everyone', everyone: true },
      ],
    });
    await controlling(scenario, async (controller) => {
      for (const cohort of ['staff', 'everyone']) {
        await controller.start(cohort);
        await save(scenario.database.pool, `before${cohort}`, 'true', 8);
        await controller.soak([]);
        await controller.flip(cohort);
      }
      await save(scenario.database.pool, 'baking', 'true', 8);
      await controller.soak([]);
    });
  });

  const completeUntilTheFlagIsOff = async (): Promise<void> => {
    const stop = new AbortController();
    const controller = await openController({
      config: scenario.rollout.config,
      operator: 'test',
      reason: 'a test',
      signal: stop.signal,
      note: (_, { did }) => {
        if (did.includes('dual_write is off')) stop.abort(new Error('killed here'));
      },
    });
    await expect(controller.complete('staff')).rejects.toThrow('killed here');
    await controller.close();
  };

  it('is nothing that a round holds against any cohort, and the next complete ends it', async () => {
    await completeUntilTheFlagIsOff();
    const { cohorts } = await scenario.rollout.run<StatusReport>(['status', 'staff']);
    expect(cohorts[0]?.stage).toBe('baking');
    await save(scenario.database.pool, 'meanwhile', 'true', 8);
    const report = await scenario.rollout.run<SoakReport>(['soak']);
    for (const { name, gates } of report.cohorts)
      expect(gates.find(({ gate }) => gate === 'flag-parity')?.verdict, name).toBe('pass');
    await scenario.rollout.run(['complete', 'staff', '--yes', '--reason', 'it held']);
    await scenario.rollout.run(['soak']);
    await scenario.rollout.run(['rollback', 'everyone', '--reason', 'a drill']);
    await scenario.rollout.run(['start', 'everyone']);
  });
});
