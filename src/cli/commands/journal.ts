import { type AddCommand, running } from './command.ts';

export const addJournal: AddCommand = (program, surroundings) => {
  const journal = program
    .command('journal')
    .description('every decision, append-only and hash-chained')
    .addHelpText('after', '\nExample:  dualpath journal show staff');
  journal
    .command('show')
    .description('a line a decision')
    .argument('[cohort]')
    .addHelpText('after', '\nExample:  dualpath journal show staff')
    .action(
      running(surroundings, async ({ controller, terminal }, cohort?: string) => {
        const entries = await controller.journal(cohort ?? null);
        const { dim } = terminal.colors;
        const lines = entries.map((entry) =>
          [
            dim(entry.at.slice(0, 19).replace('T', ' ')),
            entry.cohort ?? '-',
            entry.kind,
            entry.operator,
            entry.reason ? `“${entry.reason}”` : '',
            dim(JSON.stringify(entry.data)),
          ].join('  '),
        );
        return { json: { entries }, text: lines.join('\n') || 'The journal is empty.' };
      }),
    );
  journal
    .command('verify')
    .description('recompute the chain')
    .addHelpText('after', '\nExample:  dualpath journal verify')
    .action(
      running(surroundings, async ({ controller }) => {
        const verdict = await controller.verifyJournal();
        return {
          json: verdict,
          text: verdict.broken
            ? `The chain breaks at entry ${verdict.broken.seq}: ${verdict.broken.because}.`
            : `${verdict.entries} entries, the chain holds; its head is ${verdict.head}.`,
          exit: verdict.broken ? 3 : 0,
        };
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
