import { UsageError } from '../../errors.ts';
import { renderForeseen, renderVerify } from '../render/verify.ts';
import { type AddCommand, running } from './command.ts';

/** The option parser would take the last one, and pass over the others. */
function once(given: string, before: string | undefined): string {
  if (before !== undefined)
    throw new UsageError(
      'usage',
      'More than one --document was given.',
      'Verify them one by one, or a cohort as a whole.',
    );
  return given;
}

interface Options {
  changed?: boolean;
  document?: string;
  repair?: boolean;
  limit: number;
  dryRun?: boolean;
}

export const addVerify: AddCommand = (program, surroundings) =>
  program
    .command('verify')
    .description(
      'compare every document of started cohorts now, its Yjs state decoded against its legacy row',
    )
    .argument('[cohort...]', 'these only')
    .option('--changed', 'only what changed since its proof')
    .option('--document <id>', 'one document', once)
    .option('--repair', 'mend drift; what was mended must then compare clean')
    .option('--limit <n>', 'drifting documents listed', wholeNumber, 1000)
    .option('--dry-run', 'compare nothing: say what the last comparison left to be mended')
    .option('--reason <text>', 'for the journal')
    .addHelpText('after', '\nExample:  dualpath verify staff --repair')
    .action(
      running<Options>(surroundings, async ({ controller, terminal, options }, cohorts: string[]) => {
        if (options.changed && options.document)
          throw new UsageError('usage', 'Both --changed and --document were given.', 'Use one of them.');
        const report = await controller.verify(cohorts, {
          scope: options.document ? { document: options.document } : options.changed ? 'changed' : 'full',
          repair: Boolean(options.repair),
          dryRun: options.dryRun,
          limit: options.limit,
        });
        const drift = report.cohorts.some((cohort) => cohort.driftTotal > 0);
        const text = options.dryRun ? renderForeseen(report, terminal) : renderVerify(report, terminal);
        return { json: report, text, exit: drift ? 3 : 0 };
      }),
    );

function wholeNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError('usage', `--limit ${value} is not a whole number.`, 'Say for example --limit 100.');
}
