import { beforeAll, describe, expect, it } from 'vitest';
import { controlling, openScenario, type Scenario, save } from '../support/scenario.ts';
import { documentOf, ERROR } from './document-of.ts';
import { runHere } from './streams.ts';

describe('complete without --yes, where nobody can be asked', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 6 });
    await controlling(scenario, async (controller) => {
      await controller.start('everyone');
      await save(scenario, 'soaking');
      await controller.soak([]);
    });
  });
  const complete = async () => {
    const words = ['complete', 'everyone', '--reason', "it's time", '--json'];
    const result = await runHere([...words, '--config', scenario.rollout.config]);
    return { exit: result.exit, answer: documentOf(result) };
  };

  it('asks nobody to confirm what the stage refuses: 5, and what is to be done first', async () => {
    const { exit, answer } = await complete();
    expect(exit).toBe(5);
    expect(answer).toMatchObject({
      error: { ...ERROR.error, code: 'held', remedy: expect.stringContaining('`dualpath flip everyone`') },
    });
  });

  it('asks nobody to confirm what the gates refuse: 4', async () => {
    await controlling(scenario, (controller) => controller.flip('everyone'));
    const { exit, answer } = await complete();
    expect(exit).toBe(4);
    expect(answer).toMatchObject({ outcome: 'not-yet' });
  });

  it('ends with 2 where nothing else is in its way, and names the command that says yes', async () => {
    await save(scenario, 'baking');
    await controlling(scenario, (controller) => controller.soak([]));
    const { exit, answer } = await complete();
    expect(exit).toBe(2);
    const confirmed = `\`dualpath complete everyone --reason 'it'\\''s time' --yes\``;
    expect(answer).toMatchObject({
      error: { code: 'confirmation-needed', remedy: expect.stringContaining(confirmed) },
    });
  });
});
