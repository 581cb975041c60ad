import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../../support/scenario.ts';

const ROLLBACK = ['rollback', 'everyone', '--reason', 'a drill'] as const;

/** There, back and there again, as the commands that lead through it. */
export const WAY: readonly (readonly string[])[] = [
  ['start', 'everyone'],
  ['soak'],
  ['flip', 'everyone'],
  ['soak'],
  ROLLBACK,
  ['start', 'everyone'],
  ['soak'],
  ['flip', 'everyone'],
];

export interface Commands {
  /** Runs a command until it has done its work, killing it now and then. */
  run(args: readonly string[]): Promise<void>;
  kills(): number;
}

/** The real command line, killed at random moments and run again. */
export function openCommands({ rollout, database }: Scenario, random: () => number): Commands {
  let kills = 0;
  const attempt = async (args: readonly string[], calm: boolean) => {
    const { child, ended } = rollout.start([...args, '--json']);
    if (!calm && random() < 0.3) {
      const gone = ended.then(() => true);
      if (!(await Promise.race([gone, sleep(random() * MOST_MS, false)]))) child.kill('SIGKILL');
    }
    const result = await ended;
    if (result.exit !== null) return result;
    kills += 1;
    // As though its lease had run out.
    await database.pool.query(
      `update dualpath.cohorts set lease_until = clock_timestamp() where lease_until is not null`,
    );
    return result;
  };
  return {
    async run(args) {
      for (let tries = 1; ; tries += 1) {
        const result = await attempt(args, tries > 4);
        if (result.exit === 0) return;
        if (tries === MOST_TRIES || (result.exit !== null && !AGAIN.includes(result.exit)))
          throw new Error(`dualpath ${args.join(' ')} gave ${result.exit}: ${result.stderr}${result.stdout}`);
        // What held it up may be a document that somebody wrote at this moment.
        if (result.exit !== null && args[0] === 'flip') await attempt(['soak'], true);
      }
    },
    kills: () => kills,
  };
}

const MOST_MS = 2_000;
const MOST_TRIES = 25;

/** A gate that failed, not yet, held: the same command again. */
const AGAIN = [3, 4, 5];
