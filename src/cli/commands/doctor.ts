import type { RestoredFlag } from '../../controller.ts';
import { renderDoctor } from '../render/doctor.ts';
import { type AddCommand, running } from './command.ts';

interface Options {
  readonly restoreFlags?: boolean;
  readonly dryRun?: boolean;
}

export const addDoctor: AddCommand = (program, surroundings) =>
  program
    .command('doctor')
    .description(
      'config, privileges, columns, flag server, tokens, clock, versions: what is wrong and how to mend it',
    )
    .option('--restore-flags', 'bring back a flag that is gone, as it was last confirmed')
    .option('--reason <text>', 'for the journal; --restore-flags wants one')
    .option('--dry-run', 'with --restore-flags: say what would come back')
    .addHelpText('after', '\nExample:  dualpath doctor')
    .action(
      running<Options>(surroundings, async ({ controller, terminal, options }) => {
        const restored = options.restoreFlags
          ? await controller.restoreFlags({ dryRun: options.dryRun })
          : null;
        const report = await controller.doctor();
        const told = restored && describe(restored, Boolean(options.dryRun));
        return {
          json: restored ? { ...report, restored } : report,
          text: [...(told ? [told, ''] : []), renderDoctor(report, terminal)].join('\n'),
          exit: report.exit,
        };
      }),
    );

function describe(restored: readonly RestoredFlag[], dryRun: boolean): string {
  if (restored.length === 0) return 'No flag is gone, so none is brought back.';
  const verb = dryRun ? 'Would bring' : 'Brought';
  return restored
    .map(({ flag, cohorts }) => `${verb} back ${flag}, on for ${cohorts.join(', ') || 'nobody'}.`)
    .join('\n');
}
