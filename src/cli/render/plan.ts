import type { PlannedCohort, PlanReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const SHOWN = 10;

export function renderPlan(report: PlanReport, terminal: Terminal): string {
  const overview = table(
    [
      'cohort',
      'stage',
      'members',
      'documents',
      'size',
      'shared',
      'exact',
      'normalised',
      'cannot convert',
      'backfill',
    ],
    report.cohorts.map((cohort) => overviewRow(cohort, terminal)),
    terminal.width,
  );
  const details = report.cohorts.flatMap((cohort) => detailsOf(cohort, terminal));
  return [
    overview,
    ...report.warnings.map((each) => `${terminal.colors.yellow('note')} ${each}`),
    ...details,
  ].join('\n\n');
}

function overviewRow(cohort: PlannedCohort, { colors }: Terminal): readonly string[] {
  return [
    colors.bold(cohort.name),
    cohort.stage,
    cohort.members.toLocaleString('en'),
    cohort.documents.toLocaleString('en'),
    size(cohort.bytes),
    String(cohort.shared),
    cohort.exact.toLocaleString('en'),
    String(cohort.normalised.length),
    cohort.unconvertible.length ? colors.yellow(String(cohort.unconvertible.length)) : '0',
    cohort.forecastSeconds === null ? '-' : `about ${Math.ceil(cohort.forecastSeconds)} s`,
  ];
}

function detailsOf(cohort: PlannedCohort, { colors, width }: Terminal): readonly string[] {
  const parts: string[] = [];
  if (cohort.flagChanges.length > 0)
    parts.push(
      [`${colors.bold(cohort.name)} flags`, ...cohort.flagChanges.map((each) => `  ${each}`)].join('\n'),
    );
  if (cohort.unconvertible.length > 0)
    parts.push(
      `${colors.bold(cohort.name)} cannot convert (they stay on legacy, in quarantine)\n${table(
        ['document', 'reason'],
        cohort.unconvertible.slice(0, SHOWN).map((each) => [each.document, each.reason]),
        width,
      )}`,
    );
  if (cohort.normalised.length > 0)
    parts.push(
      `${colors.bold(cohort.name)} is normalised\n${table(
        ['document', 'what'],
        cohort.normalised.slice(0, SHOWN).map((each) => [each.document, each.notes.join('; ')]),
        width,
      )}`,
    );
  for (const gate of cohort.impossibleGates) parts.push(`${colors.yellow('gate')} ${cohort.name}: ${gate}`);
  return parts;
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}
