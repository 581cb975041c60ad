import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type Controller,
  type ControllerOptions,
  type DemoRollout,
  openController,
  runDemo,
} from '../../controller.ts';
import { renderDemo } from '../render/demo.ts';
import { milestones } from '../render/milestones.ts';
import type { Answer, Terminal } from '../terminal.ts';
import type { AddCommand } from './command.ts';

export const addDemo: AddCommand = (program, { terminal, signal, finish }) =>
  program
    .command('demo')
    .description(
      'the whole rollout on an embedded database: a school, real documents, students who write meanwhile',
    )
    .option('--keep', 'leave database and flag server running, to try the other commands on them')
    .option('--dry-run', 'say what it would start and write')
    .addHelpText('after', '\nExample:  dualpath demo --keep')
    .action(async (...parsed: unknown[]) => {
      const options = (parsed.at(-1) as Command).optsWithGlobals<Options>();
      if (options.dryRun) return terminal.answer(foreseen(dirname(resolve(options.config)), options));
      const summary = await runDemo({
        directory: dirname(resolve(options.config)),
        keep: Boolean(options.keep),
        signal,
        note: (line) => terminal.note(line),
        rollout: rolloutOf(terminal, signal),
      });
      terminal.progress(null);
      terminal.answer({ json: summary, text: renderDemo(summary, terminal) });
      finish(summary.sound ? 0 : 3);
    });

interface Options {
  readonly config: string;
  readonly keep?: boolean;
  readonly dryRun?: boolean;
}

function foreseen(directory: string, { keep }: Options): Answer {
  const would = [
    `start PostgreSQL and Unleash on 127.0.0.1, their data in ${join(directory, '.dualpath')}`,
    'fill the database with a school, in place of an earlier demo and of nothing else',
    'take the cohorts of the cohorts.yaml that comes with dualpath from planned to completed',
    keep ? 'leave both servers running' : 'stop both servers',
  ];
  return { json: { would }, text: would.map((each) => `Would ${each}.`).join('\n') };
}

/** The controller as every command has it, opened anew for each step. */
function rolloutOf(terminal: Terminal, interrupted: AbortSignal): DemoRollout {
  const driving = async <T>(
    config: string,
    work: (controller: Controller) => Promise<T>,
    how: Partial<ControllerOptions> = {},
  ): Promise<T> => {
    const controller = await openController({
      config,
      operator: 'demo',
      reason: 'demo',
      signal: interrupted,
      note: (line) => terminal.note(line),
      progress: (line) => terminal.progress(line),
      ...how,
    });
    try {
      return await work(controller);
    } finally {
      await controller.close();
    }
  };
  const tell = milestones(terminal.note);
  return {
    init: (config) => driving(config, async (controller) => void (await controller.init())),
    run: (config, { signal, stepped }) =>
      driving(config, async (controller) => void (await controller.run([], { watch: true })), {
        signal,
        note: (_, step) => {
          stepped();
          tell(step);
        },
      }),
    verify: (config) =>
      driving(
        config,
        async (controller) => void (await controller.verify([], { scope: 'full', repair: false, limit: 0 })),
      ),
    review: (config) => driving(config, review),
    waitingFor: (config) =>
      driving(config, async (controller) =>
        (await controller.status([])).cohorts
          .filter(({ stage }) => stage !== 'completed')
          .map(({ name, stage, waitingFor }) => `${name} (${stage}): ${waitingFor.join('; ')}`),
      ),
  };
}

/** Both texts stay: a teacher who took one of them away would make the summary count lost what a person wanted gone. */
async function review(controller: Controller): Promise<readonly string[]> {
  const { conflicts } = await controller.conflicts();
  const waiting = conflicts.filter((each) => each.class === 'needs-review' && each.resolved === null);
  const said: string[] = [];
  for (const { id, cohort, because } of waiting) {
    await controller.resolveConflict(id, 'merged');
    said.push(`a teacher looked at conflict ${id} of ${cohort} (${because}) and left the document as it is`);
  }
  return said;
}
