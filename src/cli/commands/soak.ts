import { type Controller, failedSoak, type Gate, type SoakReport } from '../../controller.ts';
import { UnavailableError, UsageError } from '../../errors.ts';
import { renderSoak } from '../render/soak.ts';
import { type AddCommand, running } from './command.ts';

interface ReportFile {
  readonly kind: 'junit' | 'markdown' | 'json';
  readonly path: string;
}

export const addSoak: AddCommand = (program, surroundings) =>
  program
    .command('soak')
    .description(
      'one round for each soaking or baking cohort: catch up, compare, record, judge; changes no flag or stage',
    )
    .argument('[cohort...]', 'these only')
    .option('--report <kind=file>', 'junit=FILE, markdown=FILE or json=FILE; repeatable', collectReports, [])
    .option('--strict', 'exit 4 when time or samples are still missing')
    .option('--dry-run', 'compare nothing: say what earlier rounds come to now')
    .addHelpText('after', '\nExample:  dualpath soak --report junit=soak.xml --report markdown=soak.md')
    .action(
      running<{ report: readonly ReportFile[]; strict?: boolean; dryRun?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, cohorts: string[]) => {
          const files = options.dryRun ? [] : options.report;
          let report: SoakReport;
          try {
            report = await controller.soak(cohorts, { dryRun: options.dryRun });
          } catch (error) {
            const unwritten = await writeAll(controller, failedSoak(error), files);
            if (unwritten) terminal.note(unwritten.message);
            throw error;
          }
          const unwritten = await writeAll(controller, report, files);
          if (unwritten) {
            terminal.note(`${renderSoak(report, terminal)}\n`);
            throw unwritten;
          }
          // What was compared is judged first: a flag server that is down must not hide a failing gate.
          if (report.unreachable && !report.cohorts.some((cohort) => failed(cohort.gates))) {
            terminal.note(`${renderSoak(report, terminal)}\n`);
            throw new UnavailableError(
              report.unreachable.code,
              report.unreachable.message,
              report.unreachable.remedy,
            );
          }
          // A rollout in which nothing soaks waits for nobody, so a schedule that outlives it stays green.
          const waiting = options.strict && report.verdict === 'inconclusive' && report.cohorts.length > 0;
          return {
            json: report,
            text: renderSoak(report, terminal),
            exit: report.verdict === 'fail' || report.verdict === 'error' ? 3 : waiting ? 4 : 0,
          };
        },
      ),
    );

/** Writes every report that can be written, and gives the error of the first that could not. */
async function writeAll(
  controller: Controller,
  report: SoakReport,
  files: readonly ReportFile[],
): Promise<UsageError | null> {
  let unwritten: UsageError | null = null;
  for (const { kind, path } of files)
    await controller.writeReport(report, kind, path).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      unwritten ??= error;
    });
  return unwritten;
}

const failed = (gates: readonly Gate[]): boolean => gates.some(({ verdict }) => verdict === 'fail');

function collectReports(value: string, before: readonly ReportFile[]): readonly ReportFile[] {
  const [kind, ...rest] = value.split('=');
  const path = rest.join('=');
  if ((kind !== 'junit' && kind !== 'markdown' && kind !== 'json') || !path)
    throw new UsageError(
      'usage',
      `--report ${value} names no report.`,
      'Say --report junit=FILE, --report markdown=FILE or --report json=FILE.',
    );
  return [...before, { kind, path }];
}
