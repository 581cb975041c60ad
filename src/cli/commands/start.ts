import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addStart: AddCommand = (program, surroundings) =>
  program
    .command('start')
    .description('planned or rolled back → soaking: dual writes on, history copied, everything compared')
    .argument('<cohort>', 'its name in the config')
    .option('--dry-run', 'say what would happen')
    .option('--reason <text>', 'for the journal')
    .addHelpText('after', '\nExample:  dualpath start staff')
    .action(
      running<{ dryRun?: boolean }>(surroundings, async ({ controller, terminal, options }, cohort: string) =>
        renderMove(await controller.start(cohort, { dryRun: options.dryRun }), terminal),
      ),
    );
