import { UsageError } from '../../errors.ts';
import { dryRunWithoutReason } from '../dry-run.ts';
import { renderMove } from '../render/move.ts';
import { type AddCommand, running } from './command.ts';

export const addRollback: AddCommand = (program, surroundings) =>
  program
    .command('rollback')
    .description('authority back to legacy, from any stage but completed; takes the lease over, asks no gate')
    .argument('[cohort...]', 'these, and later ones that have to go first')
    .option('--all', 'every cohort that can be rolled back, the last one first')
    .requiredOption('--reason <text>', 'for the journal')
    .addOption(dryRunWithoutReason('say what would happen, and what it would lose (it should say: nothing)'))
    .addHelpText('after', '\nExample:  dualpath rollback staff --reason "editor shows old drafts"')
    .action(
      running<{ dryRun?: boolean; all?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohorts: string[]) => {
          if (cohorts.length === 0 && !options.all)
            throw new UsageError(
              'usage',
              'No cohort was named.',
              'Name the cohorts to roll back, or say --all.',
            );
          if (cohorts.length > 0 && options.all)
            throw new UsageError('usage', 'Both cohorts and --all were given.', 'Use one of them.');
          const report = await controller.rollback(options.all ? 'all' : cohorts, { dryRun: options.dryRun });
          return renderMove(report, terminal);
        },
      ),
    );
