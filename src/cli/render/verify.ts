import type { VerifyReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, number, printable } from '../text.ts';

/** Drifting documents shown to a person; `--json` lists up to `--limit`. */
const SHOWN = 20;

const RIGHT = ['compared', 'matched', 'missing', 'extra', 'held', 'drift'] as const;

export function renderVerify(report: VerifyReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohort has been started: there is nothing to compare.';
  const { bold, red, green } = terminal.colors;
  const counts = table(
    [
      { title: 'cohort' },
      ...RIGHT.map((title) => ({ title, right: true })),
      { title: 'repaired', right: true, leaveOut: 2 },
      { title: 'seconds', right: true, leaveOut: 1 },
    ],
    report.cohorts.map((cohort) => [
      bold(cohort.name),
      number(cohort.compared),
      number(cohort.matched),
      number(cohort.missing),
      number(cohort.extra),
      number(cohort.quarantined),
      cohort.driftTotal ? red(number(cohort.driftTotal)) : '0',
      number(cohort.repaired),
      (cohort.durationMs / 1000).toFixed(1),
    ]),
    terminal.width,
  );
  const total = report.cohorts.reduce((sum, cohort) => sum + cohort.driftTotal, 0);
  const compared = report.cohorts.reduce((sum, cohort) => sum + cohort.compared, 0);
  if (total === 0) {
    const verdict = compared === 0 ? 'Nothing was compared.' : green(`${equalSides(compared)} No drift.`);
    return `${counts}\n\n${verdict}`;
  }
  return [counts, driftOf(report, total, terminal)].join('\n\n');
}

const equalSides = (compared: number): string =>
  compared === 1 ? 'The document compared is equal.' : `${number(compared)} documents were compared.`;

function driftOf(report: VerifyReport, total: number, terminal: Terminal): string {
  const listed = report.cohorts.flatMap((cohort) => cohort.drift).slice(0, SHOWN);
  const rows = table(
    [{ title: 'document' }, { title: 'class' }],
    listed.map((each) => [printable(each.document), each.class, each.detail]),
    terminal.width,
    { title: 'detail' },
  );
  const more = total > listed.length ? [`… and ${number(total - listed.length)} more, see --json.`] : [];
  const next = `${counted(total, 'document drifts', 'documents drift')}. Look at one with \`dualpath diff <document>\`; \`dualpath verify --repair\` mends them.`;
  return [rows, ...more, '', hanging('', next, terminal.width)].join('\n');
}
