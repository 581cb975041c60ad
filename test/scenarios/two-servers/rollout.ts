import {
  type ControllerProcess,
  openControllerProcess,
  type Said,
} from '../../support/controller-process.ts';
import { controlling, type Scenario, saveBySql } from '../../support/scenario.ts';

type Call = Parameters<ControllerProcess['call']>;
export type Command = readonly [name: Call[0], args: Call[1]];

/** There, back and there again, as the commands that lead through it. */
export const WAY: readonly Command[] = [
  ['start', ['everyone']],
  ['soak', [[]]],
  ['flip', ['everyone']],
  ['soak', [[]]],
  ['rollback', [['everyone']]],
  ['start', ['everyone']],
  ['soak', [[]]],
  ['flip', ['everyone']],
];

export interface Commands {
  /** Runs a command until it has done its work, killing it now and then. */
  run(command: Command): Promise<void>;
  kills(): number;
  close(): Promise<void>;
}

/** The real controller, killed at random moments and run again. */
export function openCommands(scenario: Scenario, random: () => number): Commands {
  const { rollout, database } = scenario;
  const controller = openControllerProcess(rollout.config);
  let kills = 0;
  const attempt = async ([name, args]: Command, mayDie: boolean): Promise<Said | null> => {
    const dies = mayDie && random() < 0.3;
    const said = await controller.call(name, args, dies ? random() * MOST_MS : undefined);
    if (said !== null) return said;
    kills += 1;
    // As though its lease had run out.
    await database.pool.query(
      `update dualpath.cohorts set lease_until = clock_timestamp() where lease_until is not null`,
    );
    return null;
  };
  return {
    async run(command) {
      // A round has something of its own to compare: a plain write of a document that nobody else writes.
      if (command[0] === 'soak') await saveBySql(database.pool, 'aplainwrite', `title not like 'document %'`);
      for (let tries = 1; ; tries += 1) {
        if (command[0] === 'flip') await lookThrough(scenario);
        const said = await attempt(command, tries < MOST_TRIES / 2);
        if (said !== null && DONE.includes(said.outcome)) return;
        if (tries === MOST_TRIES)
          throw new Error(`A ${command[0]} did not get done: ${JSON.stringify(said)}`);
        // What held it up may be a document that somebody wrote at this moment.
        if (said !== null && command[0] === 'flip') await attempt(['soak', [[]]], false);
      }
    },
    kills: () => kills,
    close: () => controller.close(),
  };
}

const MOST_MS = 1_000;
const MOST_TRIES = 20;
const DONE = ['moved', 'done'];

/** A teacher looks at what is to be reviewed, and lets every merge stand. */
const lookThrough = (scenario: Scenario): Promise<void> =>
  controlling(scenario, async (controller) => {
    const { conflicts } = await controller.conflicts();
    for (const { id, class: how, resolved } of conflicts)
      if (how === 'needs-review' && resolved === null) await controller.resolveConflict(id, 'merged');
  });
