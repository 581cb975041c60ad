import type { DoctorReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { hanging, widthOf } from '../text.ts';

export function renderDoctor(report: DoctorReport, { colors, width, pasteable }: Terminal): string {
  const widest = Math.max(...report.checks.map((each) => widthOf(each.check)));
  const lines = report.checks.flatMap((each) => {
    const verdict = each.ok ? colors.green('ok ') : colors.red('bad');
    const heading = `${verdict}  ${each.check.padEnd(widest)}  `;
    const remedy = each.remedy
      ? [hanging(`${' '.repeat(widest + 2)}do → `, pasteable(each.remedy), width)]
      : [];
    return [hanging(heading, each.found, width), ...remedy];
  });
  const wrong = report.checks.filter((each) => !each.ok).length;
  return [...lines, '', wrong === 0 ? 'Everything is in order.' : `${wrong} to mend.`].join('\n');
}
