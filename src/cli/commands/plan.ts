import { renderPlan } from '../render/plan.ts';
import { type AddCommand, running } from './command.ts';

export const addPlan: AddCommand = (program, surroundings) =>
  program
    .command('plan')
    .description(
      'what would happen: members, documents, what cannot convert and why, flags, forecast; changes nothing',
    )
    .argument('[cohort]', 'this one only')
    .addHelpText('after', '\nExample:  dualpath plan pilot-school')
    .action(
      running(surroundings, async ({ controller, terminal }, cohort?: string) => {
        const report = await controller.plan(cohort);
        return { json: report, text: renderPlan(report, terminal) };
      }),
    );
