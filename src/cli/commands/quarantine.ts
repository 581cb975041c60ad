import { table } from '../table.ts';
import { type AddCommand, running } from './command.ts';

export const addQuarantine: AddCommand = (program, surroundings) => {
  const quarantine = program
    .command('quarantine')
    .description('documents held on legacy, each with its reason')
    .addHelpText('after', '\nExample:  dualpath quarantine list');
  quarantine
    .command('list')
    .description('which, since when and why')
    .addHelpText('after', '\nExample:  dualpath quarantine list --json')
    .action(
      running(surroundings, async ({ controller, terminal }) => {
        const documents = await controller.quarantine();
        const rows = documents.map((each) => [
          each.document,
          each.cohort,
          each.since.slice(0, 16),
          each.reason,
        ]);
        return {
          json: { documents },
          text: rows.length
            ? table(['document', 'cohort', 'since', 'reason'], rows, terminal.width)
            : 'No document is in quarantine.',
        };
      }),
    );
  quarantine
    .command('retry')
    .description('try them again, or one of them')
    .argument('[document]')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say which would be tried')
    .addHelpText('after', '\nExample:  dualpath quarantine retry')
    .action(
      running<{ dryRun?: boolean }>(surroundings, async ({ controller, options }, document?: string) => {
        const report = await controller.retryQuarantined(document, { dryRun: options.dryRun });
        return {
          json: report,
          text: options.dryRun
            ? `Would try ${report.tried}.`
            : `Tried ${report.tried}, released ${report.released}, still held ${report.tried - report.released}.`,
        };
      }),
    );
  return quarantine;
};
