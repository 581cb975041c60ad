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
      running<{ dryRun?: boolean; watch?: boolean; strict?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohorts: string[]) => {
          const report = await controller.run(cohorts, {
            dryRun: options.dryRun,
            watch: options.watch,
          });
          const answer = renderMove(report, terminal);
          return report.outcome === 'not-yet' ? { ...answer, exit: options.strict ? 4 : 0 } : answer;
        },
      ),
    );
