import type { CohortStatus, Gate, StatusReport } from '../../controller.ts';
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

/** A line a cohort, and what it waits for beside it or below, unless that was said already. */
export function renderStatus(report: StatusReport, terminal: Terminal, waiting = true): string {
  if (report.cohorts.length === 0) return 'No cohorts.';
  const { dim } = terminal.colors;
  const rows = report.cohorts.map((cohort) => row(cohort, terminal));
  return table(COLUMNS, rows, terminal.width, waiting ? { title: 'waiting for', style: dim } : undefined);
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
    waitingFor(cohort),
  ];
}

/** Documents that are not there yet, and unmet gates by name, with their numbers where people count; `why` explains them. */
function waitingFor(cohort: CohortStatus): string {
  const unmet = cohort.gates.filter((gate) => gate.verdict !== 'pass');
  const others = cohort.waitingFor.filter((reason) => !unmet.some((gate) => reason.includes(gate.because)));
  return [...documentsMoved(cohort), ...unmet.map(shortly), ...others].join(', ') || '-';
}

function documentsMoved({ stage, documents: { migrated, localFirst } }: CohortStatus): readonly string[] {
  if (stage === 'cutting-over') return [`documents ${number(localFirst)} of ${number(migrated)} moved`];
  if (stage !== 'rolling-back') return [];
  return [`documents ${number(migrated - localFirst)} of ${number(migrated)} back on legacy`];
}

function shortly({ gate, verdict, observed, wanted, because }: Gate): string {
  if (verdict !== 'inconclusive') return `${gate} (${because})`;
  return gate === 'duration' || gate === 'observations' ? `${gate} ${observed} of ${wanted}` : gate;
}
