import { shellWord } from '../../controller.ts';
import { canAsk, confirm, confirmationNeeded } from '../confirmation.ts';
import { dryRunWithoutReason } from '../dry-run.ts';
import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addComplete: AddCommand = (program, surroundings) =>
  program
    .command('complete')
    .description('baking → completed: the mirror to legacy stops, and with it the way back')
    .argument('<cohort>', 'its name in the config')
    .requiredOption('--reason <text>', 'for the journal')
    .option('--yes', 'do not ask: it cannot be undone')
    .addOption(dryRunWithoutReason('say what would happen'))
    .addHelpText('after', '\nExample:  dualpath complete staff --reason "two quiet weeks" --yes')
    .action(
      running<{ dryRun?: boolean; yes?: boolean; reason: string | null }>(
        surroundings,
        async ({ controller, terminal, signal, options }, cohort: string) => {
          const warning = `Completing ${cohort} cannot be undone: its documents can no longer be rolled back to legacy.`;
          if (!options.dryRun && !options.yes) {
            // Nobody should have to confirm what its stage or the gates refuse anyway.
            const foreseen = await controller.complete(cohort, { dryRun: true });
            if (foreseen.outcome !== 'would') return renderMove(foreseen, terminal);
            if (!canAsk()) throw confirmationNeeded(warning, saidYes(cohort, options.reason ?? ''));
            await confirm(warning, cohort, signal);
          }
          return renderMove(await controller.complete(cohort, { dryRun: options.dryRun }), terminal);
        },
      ),
    );

const saidYes = (cohort: string, reason: string): string =>
  `\`dualpath complete ${shellWord(cohort)} --reason ${shellWord(reason)} --yes\``;
