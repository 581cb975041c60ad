import type { DiffReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { hanging, number, printable } from '../text.ts';

export function renderDiff(report: DiffReport, { colors, width }: Terminal): string {
  const { legacy, localFirst } = report;
  const sides = table(
    [
      { title: 'side' },
      { title: 'revision', right: true },
      { title: 'bytes', right: true },
      { title: 'fingerprint' },
    ],
    [
      ['legacy', legacy.revision ?? '-', bytes(legacy.bytes), short(legacy.fingerprint)],
      [
        'local-first',
        localFirst.head === null ? '-' : `head ${localFirst.head}`,
        bytes(localFirst.bytes),
        short(localFirst.fingerprint),
      ],
    ],
    width,
  );
  const authority = report.authority ?? 'legacy, for dualpath never seeded it';
  return [
    `${colors.bold(printable(report.document))}, authority ${authority}`,
    sides,
    '',
    report.equal
      ? colors.green('Both sides are equal.')
      : colors.red(hanging('', `${capital(report.because)}.`, width)),
    ...report.differences.flatMap((each) => [
      hanging('  ', `${each.path}: ${each.what}`, width),
      ...(each.legacy === undefined ? [] : [colors.red(`    legacy       ${printable(each.legacy, MOST)}`)]),
      ...(each.localFirst === undefined
        ? []
        : [colors.green(`    local-first  ${printable(each.localFirst, MOST)}`)]),
    ]),
  ].join('\n');
}

/** Content that was asked for is shown, if not a whole book of it. */
const MOST = 2_000;

const bytes = (count: number | null): string => (count === null ? '-' : number(count));
const short = (fingerprint: string | null): string => (fingerprint ? fingerprint.slice(0, 12) : '-');
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
