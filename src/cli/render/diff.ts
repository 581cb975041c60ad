import type { DiffReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';

export function renderDiff(report: DiffReport, { colors }: Terminal): string {
  const facts = [
    `${colors.bold(report.document)}  authority ${report.authority ?? 'legacy (not enrolled)'}`,
    `legacy       revision ${report.legacy.revision ?? '-'}  fingerprint ${short(report.legacy.fingerprint)}  ${report.legacy.bytes ?? '-'} bytes`,
    `local-first  head ${report.localFirst.head ?? '-'}  fingerprint ${short(report.localFirst.fingerprint)}  ${report.localFirst.bytes ?? '-'} bytes`,
  ];
  if (report.equal) return [...facts, colors.green('Both sides are equal.')].join('\n');
  return [
    ...facts,
    colors.red(report.because),
    ...report.differences.map((each) => `  ${each.path}: ${each.what}`),
    ...(report.differences.some((each) => each.legacy !== undefined || each.localFirst !== undefined)
      ? report.differences.flatMap((each) => [
          colors.red(`- ${each.path} ${each.legacy ?? ''}`),
          colors.green(`+ ${each.path} ${each.localFirst ?? ''}`),
        ])
      : []),
  ].join('\n');
}

const short = (fingerprint: string | null): string => (fingerprint ? fingerprint.slice(0, 12) : '-');
