import { renderDoctor } from '../render/doctor.ts';
import { type AddCommand, running } from './command.ts';

export const addDoctor: AddCommand = (program, surroundings) =>
  program
    .command('doctor')
    .description(
      'config, privileges, columns, flag server, tokens, clock, versions: what is wrong and how to mend it',
    )
    .addHelpText('after', '\nExample:  dualpath doctor')
    .action(
      running(surroundings, async ({ controller, terminal }) => {
        const report = await controller.doctor();
        return { json: report, text: renderDoctor(report, terminal), exit: report.exit };
      }),
    );
