import { renderWhy } from '../render/why.ts';
import { type AddCommand, running } from './command.ts';

export const addWhy: AddCommand = (program, surroundings) =>
  program
    .command('why')
    .description('what holds a cohort: each unmet condition, observed against wanted')
    .argument('<cohort>', 'its name in the config')
    .addHelpText('after', '\nExample:  dualpath why staff')
    .action(
      running(surroundings, async ({ controller, terminal }, cohort: string) => {
        const report = await controller.why(cohort);
        return { json: report, text: renderWhy(report, terminal) };
      }),
    );
