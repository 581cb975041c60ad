import { setTimeout as sleep } from 'node:timers/promises';
import { renderStatus } from '../render/status.ts';
import { type AddCommand, running } from './command.ts';

const REFRESH_MS = 2_000;

export const addStatus: AddCommand = (program, surroundings) =>
  program
    .command('status')
    .description('where each cohort stands, a line a cohort')
    .argument('[cohort...]', 'these only')
    .option('--watch', 'again every two seconds')
    .addHelpText('after', '\nExample:  dualpath status --watch')
    .action(
      running<{ watch?: boolean }>(
        surroundings,
        async ({ controller, terminal, signal, options }, cohorts: string[]) => {
          while (true) {
            const report = await controller.status(cohorts);
            const answer = { json: report, text: renderStatus(report, terminal) };
            if (!options.watch) return answer;
            terminal.redraw(answer);
            await sleep(REFRESH_MS, undefined, { signal });
          }
        },
      ),
    );
