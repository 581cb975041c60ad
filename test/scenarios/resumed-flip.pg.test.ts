import { beforeAll, describe, expect, it } from 'vitest';
import { openController, type StatusReport } from '../../src/controller.ts';
import { runHere } from '../cli/streams.ts';
import { controlling, openScenario, type Scenario, save } from '../support/scenario.ts';

describe('a flip that was cut off half way', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 10, small: 140 });
    await controlling(scenario, async (controller) => {
      await controller.start('everyone');
      await save(scenario, 'soaking');
      await controller.soak([]);
    });
    const stop = new AbortController();
    await moving(stop.signal, (line) => {
      if (line.includes(' on local-first')) stop.abort(new Error('killed here'));
    });
  });

  const moving = async (signal: AbortSignal, progress: (line: string) => void): Promise<unknown> => {
    const { config } = scenario.rollout;
    const controller = await openController({
      config,
      operator: 'test',
      reason: 'a test',
      signal,
      progress: (line) => line && progress(line),
    });
    try {
      return await controller.flip('everyone').catch((error: Error) => error.message);
    } finally {
      await controller.close();
    }
  };

  it('leaves a status that says how many documents moved, of how many', async () => {
    const { cohorts } = await scenario.rollout.run<StatusReport>(['status']);
    expect(cohorts[0]).toMatchObject({
      stage: 'cutting-over',
      authority: 'mixed',
      documents: { migrated: 150, localFirst: 100 },
    });
    const { stdout } = await runHere(['status', '--config', scenario.rollout.config]);
    expect(stdout).toContain('documents 100 of 150 moved');
  });

  it('goes on counting with those that moved before', async () => {
    const lines: string[] = [];
    await moving(new AbortController().signal, (line) => lines.push(line));
    expect(lines.filter((line) => line.includes(' of '))).toContain(
      'everyone: 150 of 150 documents on local-first',
    );
  });
});
