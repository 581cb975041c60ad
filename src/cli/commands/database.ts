import { type AddCommand, running } from './command.ts';

export const addDatabase: AddCommand = (program, surroundings) => {
  const database = program
    .command('database')
    .description('the embedded database')
    .addHelpText('after', '\nExample:  dualpath database stop');
  database
    .command('stop')
    .description('stop it; the next command starts it again')
    .option('--dry-run', 'say whether it runs')
    .addHelpText('after', '\nExample:  dualpath database stop')
    .action(
      running<{ dryRun?: boolean }>(surroundings, async ({ controller, options }) => {
        const stopped = await controller.stopDatabase({ dryRun: options.dryRun });
        const done = options.dryRun ? 'It runs, and would be stopped.' : 'The embedded database is stopped.';
        return { json: { stopped }, text: stopped ? done : 'No embedded database was running.' };
      }),
    );
  return database;
};
