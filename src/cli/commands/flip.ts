import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addFlip: AddCommand = (program, surroundings) =>
  program
    .command('flip')
    .description('soaking → baking, when every gate passes and every document has a current proof')
    .argument('<cohort>', 'its name in the config')
    .option('--dry-run', 'say what would happen')
    .option('--reason <text>', 'for the journal')
    .addHelpText('after', '\nExample:  dualpath flip staff --dry-run')
    .action(
      running<{ dryRun?: boolean }>(surroundings, async ({ controller, terminal, options }, cohort: string) =>
        renderMove(await controller.flip(cohort, { dryRun: options.dryRun }), terminal),
      ),
    );
