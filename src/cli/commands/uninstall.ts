import { UsageError } from '../../errors.ts';
import { type AddCommand, running } from './command.ts';

export const addUninstall: AddCommand = (program, surroundings) =>
  program
    .command('uninstall')
    .description('remove change capture and, with --all --yes, the control schema; never a document')
    .option('--all', 'the control schema too: proofs, versions and the journal go with it')
    .option('--yes', 'with --all: that is what is wanted')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would be removed')
    .addHelpText('after', '\nExample:  dualpath uninstall --all --yes')
    .action(
      running<{ all?: boolean; yes?: boolean; dryRun?: boolean }>(
        surroundings,
        async ({ controller, options }) => {
          if (options.all && !options.yes && !options.dryRun)
            throw new UsageError(
              'confirmation-needed',
              'With --all, kept versions and the journal are removed for good.',
              'Run `dualpath uninstall --all --yes` if that is what you want, or `dualpath uninstall` to remove change capture only.',
            );
          const report = await controller.uninstall({ all: Boolean(options.all), dryRun: options.dryRun });
          const verb = options.dryRun ? 'Would remove' : 'Removed';
          const lines = report.removed.map((each) => `${verb} ${each}.`);
          return { json: report, text: lines.join('\n') || 'There is nothing of dualpath to remove.' };
        },
      ),
    );
