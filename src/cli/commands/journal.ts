import { renderChain, renderJournal } from '../render/journal.ts';
import { type AddCommand, running } from './command.ts';

export const addJournal: AddCommand = (program, surroundings) => {
  const journal = program
    .command('journal')
    .description('every decision, append-only and hash-chained')
    .addHelpText('after', '\nExample:  dualpath journal show staff');
  journal
    .command('show')
    .description('a line a decision')
    .argument('[cohort]', 'its decisions only')
    .addHelpText('after', '\nExample:  dualpath journal show staff')
    .action(
      running(surroundings, async ({ controller, terminal }, cohort?: string) => {
        const entries = await controller.journal(cohort ?? null);
        return { json: { entries }, text: renderJournal(entries, terminal) };
      }),
    );
  journal
    .command('verify')
    .description('recompute the chain')
    .addHelpText('after', '\nExample:  dualpath journal verify')
    .action(
      running(surroundings, async ({ controller }) => {
        const verdict = await controller.verifyJournal();
        return { json: verdict, text: renderChain(verdict), exit: verdict.broken ? 3 : 0 };
      }),
    );
  journal
    .command('export')
    .description('one JSON entry a line')
    .addHelpText('after', '\nExample:  dualpath journal export > journal.jsonl')
    .action(
      running(surroundings, async ({ controller }) => {
        const entries = await controller.journal(null);
        return { json: { entries }, text: entries.map((entry) => JSON.stringify(entry)).join('\n') };
      }),
    );
  return journal;
};
