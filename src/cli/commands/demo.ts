import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { openController, runDemo } from '../../controller.ts';
import { renderDemo } from '../render/demo.ts';
import type { AddCommand } from './command.ts';

export const addDemo: AddCommand = (program, { terminal, signal, finish }) =>
  program
    .command('demo')
    .description(
      'the whole rollout on an embedded database: a school, real documents, students who write meanwhile',
    )
    .option('--keep', 'leave database and flag server running, to try the other commands on them')
    .addHelpText('after', '\nExample:  dualpath demo --keep')
    .action(async (...parsed: unknown[]) => {
      const options = (parsed.at(-1) as Command).optsWithGlobals<{ config: string; keep?: boolean }>();
      const controllerFor = (config: string) =>
        openController({
          config,
          operator: 'demo',
          reason: 'demo',
          signal,
          note: (line) => terminal.note(line),
          progress: (line) => terminal.progress(line),
        });
      const summary = await runDemo({
        directory: dirname(resolve(options.config)),
        keep: Boolean(options.keep),
        signal,
        note: (line) => terminal.note(line),
        rollout: {
          async init(config) {
            const controller = await controllerFor(config);
            await controller.init().finally(() => controller.close());
          },
          async run(config) {
            const controller = await controllerFor(config);
            await controller.run([], { watch: true }).finally(() => controller.close());
          },
        },
      });
      terminal.answer({ json: summary, text: renderDemo(summary, Boolean(options.keep), terminal) });
      finish(summary.lost + summary.doubled > 0 ? 3 : 0);
    });
