import type { CohortStatus, StatusReport } from '../../controller.ts';
import { type Column, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { number } from '../text.ts';
import { worstMark } from './gates.ts';

const COLUMNS: readonly Column[] = [
  { title: 'cohort' },
  { title: 'stage' },
  // The stage implies it but for the moments of a cutover.
  { title: 'authority', leaveOut: 1 },
  { title: 'documents', right: true },
  { title: 'migrated', right: true },
  { title: 'proven', right: true },
  { title: 'held', right: true },
  { title: 'drift', right: true },
  { title: 'gates', leaveOut: 2 },
];

/** A line a cohort, and what it waits for beside it or below. */
export function renderStatus(report: StatusReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohorts.';
  const { dim } = terminal.colors;
  const rows = report.cohorts.map((cohort) => row(cohort, terminal));
  return table(COLUMNS, rows, terminal.width, { title: 'waiting for', style: dim });
}

function row(cohort: CohortStatus, terminal: Terminal): readonly string[] {
  const { colors } = terminal;
  const { documents } = cohort;
  const paused = cohort.status === 'paused' ? colors.yellow(', paused') : '';
  const moving = cohort.moving > 0 ? ` (${number(cohort.moving)} moving)` : '';
  return [
    colors.bold(cohort.name),
    cohort.stage + paused,
    cohort.authority,
    number(documents.total) + moving,
    number(documents.migrated),
    number(documents.proven),
    documents.quarantined ? colors.yellow(number(documents.quarantined)) : '0',
    documents.drift ? colors.red(number(documents.drift)) : '0',
    worstMark(cohort.gates, terminal),
    cohort.waitingFor.join('; ') || '-',
  ];
}
