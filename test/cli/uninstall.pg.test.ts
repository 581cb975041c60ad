import { beforeAll, describe, expect, it } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { runHere } from './streams.ts';

describe('uninstall where dualpath was taken out', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 2 });
    await scenario.rollout.run(['uninstall', '--all', '--yes']);
  });

  it.each(['uninstall --all --yes', 'uninstall --all --dry-run', 'uninstall', 'uninstall --dry-run'])(
    '`%s` says that there is nothing to remove',
    async (line) => {
      expect(await runHere([...line.split(' '), '--config', scenario.rollout.config])).toMatchObject({
        exit: 0,
        stdout: 'There is nothing of dualpath to remove.\n',
        stderr: '',
      });
    },
  );

  it('removes it again once it was installed again', async () => {
    await scenario.rollout.run(['init']);
    expect(await scenario.rollout.run(['uninstall', '--all', '--yes'])).toEqual({
      removed: expect.arrayContaining(['the control schema dualpath']),
    });
  });
});
