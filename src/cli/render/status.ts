import type { CohortStatus, StatusReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { worstMark } from './gates.ts';

const HEADINGS = [
  'cohort',
  'stage',
  'authority',
  'documents',
  'migrated',
  'proven',
  'held',
  'drift',
  'gates',
  'waiting for',
];

/** A line a cohort. */
export function renderStatus(report: StatusReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohorts.';
  return table(
    HEADINGS,
    report.cohorts.map((cohort) => row(cohort, terminal)),
    terminal.width,
  );
}

function row(cohort: CohortStatus, terminal: Terminal): readonly string[] {
  const { colors } = terminal;
  const { documents } = cohort;
  const paused = cohort.status === 'paused' ? colors.yellow(' (paused)') : '';
  const moving = cohort.moving > 0 ? ` (${cohort.moving} moving)` : '';
  return [
    colors.bold(cohort.name),
    cohort.stage + paused,
    cohort.authority,
    documents.total.toLocaleString('en') + moving,
    documents.migrated.toLocaleString('en'),
    documents.proven.toLocaleString('en'),
    documents.quarantined ? colors.yellow(String(documents.quarantined)) : '0',
    documents.drift ? colors.red(String(documents.drift)) : '0',
    worstMark(cohort.gates, terminal),
    cohort.waitingFor.join('; ') || '-',
  ];
}
