import { beforeAll, describe, expect, it } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { documentOf, ERROR } from './document-of.ts';
import { runHere } from './streams.ts';

describe('what the rollout does not have', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 3 });
  });

  const refused = async (words: readonly string[]): Promise<unknown> => {
    const result = await runHere([...words, '--json', '--config', scenario.rollout.config]);
    expect(result, result.stderr).toMatchObject({ exit: 2 });
    return documentOf(result);
  };

  it.each([
    'plan evryone',
    'start evryone',
    'soak evryone',
    'verify evryone',
    'flip evryone',
    'complete evryone --reason x --yes',
    'rollback evryone --reason x',
    'run evryone',
    'pause evryone',
    'resume evryone',
    'status evryone',
    'why evryone',
    'journal show evryone',
  ])('%s: 2, naming the cohorts there are', async (line) => {
    expect(await refused(line.split(' '))).toMatchObject({
      error: {
        code: 'unknown-cohort',
        message: expect.stringContaining('evryone'),
        remedy: 'Use one of: everyone.',
      },
    });
  });

  it.each([
    'diff no-such-document',
    'verify --document no-such-document',
    'quarantine retry no-such-document',
  ])('%s: 2', async (line) => {
    expect(await refused(line.split(' '))).toMatchObject(ERROR);
  });
});
