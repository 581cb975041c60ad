import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addRun: AddCommand = (program, surroundings) =>
  program
    .command('run')
    .description('move all cohorts in order until done or waiting: observe, decide, act')
    .argument('[cohort...]', 'these only')
    .option('--watch', 'stay, and go on when time, samples or approval allow it')
    .option('--strict', 'exit 4 when something is waiting')
    .option('--dry-run', 'say what would happen next')
    .option('--reason <text>', 'for the journal')
    .addHelpText('after', '\nExample:  dualpath run --strict')
    .action(
      running<{ dryRun?: boolean; watch?: boolean; strict?: boolean; json?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohorts: string[]) => {
          // One document a line while it goes on, so that whoever reads need not wait for its end.
          const lines = options.watch && options.json;
          const report = await controller.run(cohorts, {
            dryRun: Boolean(options.dryRun),
            watch: Boolean(options.watch),
            tell: lines ? (event) => terminal.answer({ json: event, text: '' }) : undefined,
          });
          const rendered = renderMove(report, terminal);
          const answer = lines ? { ...rendered, json: { event: 'ended', ...report } } : rendered;
          return report.outcome === 'not-yet' ? { ...answer, exit: options.strict ? 4 : 0 } : answer;
        },
      ),
    );
