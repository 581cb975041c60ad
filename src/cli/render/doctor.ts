import type { DoctorReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';

export function renderDoctor(report: DoctorReport, { colors }: Terminal): string {
  const lines = report.checks.flatMap((each) => [
    `${each.ok ? colors.green('ok  ') : colors.red('bad ')} ${each.check}: ${each.found}`,
    ...(each.remedy ? [`${colors.dim('  do →')} ${each.remedy}`] : []),
  ]);
  const wrong = report.checks.filter((each) => !each.ok).length;
  return [...lines, wrong === 0 ? 'Everything is in order.' : `${wrong} to mend.`].join('\n');
}
