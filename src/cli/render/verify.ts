import type { VerifyReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Drifting documents shown to a person; `--json` lists up to `--limit`. */
const SHOWN = 20;

export function renderVerify(report: VerifyReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohort has been started.';
  const counts = table(
    ['cohort', 'compared', 'matched', 'missing', 'extra', 'held', 'drift', 'repaired', 'seconds'],
    report.cohorts.map((cohort) => [
      terminal.colors.bold(cohort.name),
      cohort.compared.toLocaleString('en'),
      cohort.matched.toLocaleString('en'),
      String(cohort.missing),
      String(cohort.extra),
      String(cohort.quarantined),
      cohort.driftTotal ? terminal.colors.red(String(cohort.driftTotal)) : '0',
      String(cohort.repaired),
      (cohort.durationMs / 1000).toFixed(1),
    ]),
    terminal.width,
  );
  const drift = report.cohorts.flatMap((cohort) => cohort.drift);
  if (drift.length === 0) return counts;
  const listed = table(
    ['document', 'class', 'detail'],
    drift.slice(0, SHOWN).map((each) => [each.document, each.class, each.detail]),
    terminal.width,
  );
  const more = drift.length > SHOWN ? `\n… and ${drift.length - SHOWN} more, see --json` : '';
  return `${counts}\n\n${listed}${more}\n\nLook at one with \`dualpath diff <document>\`; \`dualpath verify --repair\` mends them.`;
}
