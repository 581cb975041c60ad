import type { Controller } from '../../controller.ts';
import { renderStatus } from '../render/status.ts';
import { type AddCommand, running } from './command.ts';

export const addPause: AddCommand = (program, surroundings) =>
  program
    .command('pause')
    .description('stop moving a cohort now, whoever holds it; its clock stops too')
    .argument('<cohort>', 'its name in the config')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would happen')
    .addHelpText('after', '\nExample:  dualpath pause tenth --reason "exam week"')
    .action(setting(surroundings, 'pause', 'paused'));

export const addResume: AddCommand = (program, surroundings) =>
  program
    .command('resume')
    .description('let a paused cohort move again')
    .argument('<cohort>', 'its name in the config')
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would happen')
    .addHelpText('after', '\nExample:  dualpath resume tenth')
    .action(setting(surroundings, 'resume', 'running'));

const setting = (
  surroundings: Parameters<AddCommand>[1],
  verb: keyof Pick<Controller, 'pause' | 'resume'>,
  status: string,
) =>
  running<{ dryRun?: boolean }>(surroundings, async ({ controller, terminal, options }, cohort: string) => {
    const report = await controller[verb](cohort, { dryRun: options.dryRun });
    const said = options.dryRun ? `Would ${verb} ${cohort}.` : `${cohort} is ${status}.`;
    return { json: report, text: `${said}\n\n${renderStatus(report, terminal)}` };
  });
