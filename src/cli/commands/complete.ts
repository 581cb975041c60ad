import { requireConfirmation } from '../confirmation.ts';
import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addComplete: AddCommand = (program, surroundings) =>
  program
    .command('complete')
    .description('baking → completed: the mirror to legacy stops, and with it the way back')
    .argument('<cohort>')
    .requiredOption('--reason <text>', 'for the journal')
    .option('--yes', 'do not ask: it cannot be undone')
    .option('--dry-run', 'say what would happen')
    .addHelpText('after', '\nExample:  dualpath complete staff --reason "two quiet weeks" --yes')
    .action(
      running<{ dryRun?: boolean; yes?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohort: string) => {
          if (!options.dryRun && !options.yes)
            await requireConfirmation(
              `Completing ${cohort} cannot be undone: its documents can no longer be rolled back to legacy.`,
              cohort,
            );
          return renderMove(await controller.complete(cohort, { dryRun: options.dryRun }), terminal);
        },
      ),
    );
