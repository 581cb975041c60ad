import { renderStatus } from '../render/status.ts';
import { type AddCommand, running } from './command.ts';

export const addPause: AddCommand = (program, surroundings) =>
  program
    .command('pause')
    .description('stop moving a cohort now, whoever holds it; its clock stops too')
    .argument('<cohort>')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would happen')
    .addHelpText('after', '\nExample:  dualpath pause tenth --reason "exam week"')
    .action(
      running<{ dryRun?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohort: string) => {
          const report = await controller.pause(cohort, { dryRun: options.dryRun });
          return { json: report, text: renderStatus(report, terminal) };
        },
      ),
    );

export const addResume: AddCommand = (program, surroundings) =>
  program
    .command('resume')
    .description('let a paused cohort move again')
    .argument('<cohort>')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would happen')
    .addHelpText('after', '\nExample:  dualpath resume tenth')
    .action(
      running<{ dryRun?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohort: string) => {
          const report = await controller.resume(cohort, { dryRun: options.dryRun });
          return { json: report, text: renderStatus(report, terminal) };
        },
      ),
    );
