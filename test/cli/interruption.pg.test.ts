import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIN, type Running } from '../support/cli.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { ERROR } from './document-of.ts';

/** Until it has written a line to stdout. */
const firstLine = async ({ child }: Running): Promise<void> => {
  if (child.stdout) await once(child.stdout, 'data');
};

describe('a command that is interrupted', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 5 });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('status --watch ends on %s with %i', async (signal, code) => {
    const running = scenario.rollout.start(['status', '--watch']);
    await firstLine(running);
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({
      exit: code,
      stdout: expect.stringMatching(/^cohort .*\neveryone +planned .*\n$/),
      stderr: expect.stringContaining('goes on where it stopped'),
    });
  });

  it('with --json and --watch prints a document a line, the last one an error object', async () => {
    const running = scenario.rollout.start(['status', '--watch', '--json']);
    await firstLine(running);
    running.child.kill('SIGINT');
    const { exit, stdout } = await running.ended;
    expect(exit).toBe(130);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents).toMatchObject([
      { cohorts: [{ name: 'everyone' }] },
      { error: { ...ERROR.error, code: 'interrupted' } },
    ]);
  });

  it('run --watch gives up the lease', async () => {
    const running = scenario.rollout.start(['run', '--watch', '--json']);
    await once(running.child.stderr ?? running.child, 'data');
    running.child.kill('SIGTERM');
    const result = await running.ended;
    expect(result.exit).toBe(143);
    expect(JSON.parse(result.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject(ERROR);
    const { rows } = await scenario.database.pool.query(`select lease_until from dualpath.cohorts`);
    expect(rows).toEqual([{ lease_until: null }]);
  });
});

describe('a reader that goes away', () => {
  it('is no error: `| head -1` ends a watch with 0 and says nothing', async () => {
    const { rollout } = await openScenario({ documents: 3 });
    const child = spawn(process.execPath, [BIN, 'status', '--watch', '--config', rollout.config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [exit] = await once(child, 'close');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  });
});
