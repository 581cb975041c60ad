import { renderQuarantine, renderRetry } from '../render/quarantine.ts';
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
        return { json: { documents }, text: renderQuarantine(documents, terminal) };
      }),
    );
  quarantine
    .command('retry')
    .description('try them again, or one of them')
    .argument('[document]', 'this one only')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say which would be tried')
    .addHelpText('after', '\nExample:  dualpath quarantine retry --reason "mended by support"')
    .action(
      running<{ dryRun?: boolean }>(surroundings, async ({ controller, options }, document?: string) => {
        const report = await controller.retryQuarantined(document, { dryRun: options.dryRun });
        return { json: report, text: renderRetry(report, Boolean(options.dryRun)) };
      }),
    );
  return quarantine;
};
