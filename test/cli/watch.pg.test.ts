import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '../support/cli.ts';
import { EVERYONE, openScenario, type Scenario, save } from '../support/scenario.ts';
import { ERROR } from './document-of.ts';

interface Told {
  readonly event?: string;
  readonly did?: string;
  readonly outcome?: string;
  readonly because?: string;
}

/** Reads documents off stdout as they come, up to the first that fits. */
async function untilTold({ child }: Running, fits: (told: Told) => boolean): Promise<readonly Told[]> {
  const told: Told[] = [];
  if (!child.stdout) throw new Error('it has no stdout');
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const document = JSON.parse(line) as Told;
      told.push(document);
      if (fits(document)) return told;
    }
  } finally {
    // Whoever stops reading lines leaves the stream paused, and its end would never come.
    child.stdout.resume();
  }
  throw new Error(`it ended, and told ${JSON.stringify(told)}`);
}

const eventsIn = (stdout: string): readonly Told[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);

describe('run --watch --json', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 10 });
  });

  it('prints a document a line as things happen: each step, then what it waits for', async () => {
    const running = scenario.rollout.start(['run', '--watch', '--json']);
    const told = await untilTold(running, ({ event }) => event === 'waiting');
    expect(running.child.exitCode, 'it is still at it').toBeNull();
    expect(told.map(({ event, did }) => did ?? event)).toEqual([
      'planned → dual-writing',
      'flag dual_write is on',
      'dual-writing → backfilling',
      '10 documents copied',
      '10 documents compared, no drift',
      'backfilling → soaking',
      'waiting',
    ]);
    expect(told[0]).toMatchObject({
      event: 'step',
      at: expect.stringMatching(/Z$/),
      cohort: 'everyone',
      entered: 'dual-writing',
    });
    expect(told.at(-1)).toMatchObject({
      outcome: 'not-yet',
      because: expect.stringContaining('everyone waits for'),
      remedy: expect.stringContaining('`dualpath why everyone`'),
      cohorts: [{ name: 'everyone', stage: 'soaking' }],
    });
    running.child.kill('SIGTERM');
    const { exit, stdout } = await running.ended;
    expect(exit).toBe(143);
    expect(eventsIn(stdout).at(-1)).toMatchObject({ error: { ...ERROR.error, code: 'interrupted' } });
  });

  it('says the same once, however often it looks, and tells when it changes', async () => {
    const running = scenario.rollout.start(['run', '--watch', '--json']);
    const before = await untilTold(running, ({ event }) => event === 'waiting');
    await save(scenario.database.pool, 'observed');
    await new Promise<void>((resolve) => {
      const look = (): void => {
        void scenario.database.pool
          .query(`select from dualpath.rounds where verdict = 'pass'`)
          .then(({ rowCount }) => (rowCount && rowCount > 1 ? resolve() : setTimeout(look, 100)));
      };
      look();
    });
    running.child.kill('SIGTERM');
    const told = eventsIn((await running.ended).stdout);
    expect(told.length - before.length).toBe(2);
    expect(told.at(-2)).toMatchObject({ event: 'waiting', because: 'everyone waits for approval: flip' });
  });

  it('ends with its report, the event being that it ended', async () => {
    scenario.rollout.change({
      approval: { flip: 'auto', complete: 'auto' },
      bake: { duration: '0s', min_observations: 0, max_mismatch_rate: 1 },
    });
    const running = scenario.rollout.start(['run', '--watch', '--json']);
    await untilTold(running, ({ did }) => did === 'cutting-over → baking');
    await save(scenario.database.pool, 'baked');
    const { exit, stdout } = await running.ended;
    expect(exit).toBe(0);
    expect(eventsIn(stdout).at(-1)).toMatchObject({
      event: 'ended',
      outcome: 'moved',
      because: 'Every cohort is completed',
      cohorts: [{ name: EVERYONE.name, stage: 'completed' }],
    });
  });
});
