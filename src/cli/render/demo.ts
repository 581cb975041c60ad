import { relative } from 'node:path';
import type { DemoSummary } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { hanging, number } from '../text.ts';

/** The closing summary: what the database says after the last cohort was completed. */
export function renderDemo(summary: DemoSummary, { colors, width }: Terminal): string {
  const { cohorts, documents, moved, proven, quarantined, words, unsettled, seconds, lost, doubled, sound } =
    summary;
  const good = (count: number): string => (count === 0 ? colors.green('0') : colors.red(number(count)));
  const each = cohorts.map((cohort) => `${cohort.name} ${number(cohort.saves + cohort.pushes)}`).join(', ');
  const writes = totalOf(summary.saves) + totalOf(summary.pushes);
  return [
    '',
    colors.bold('What the database says now'),
    `  documents moved   ${number(moved)} of ${number(documents)}`,
    `  proven equal      ${number(proven)}`,
    `  in quarantine     ${number(quarantined)}`,
    hanging('  writes meanwhile  ', `${number(writes)} in ${seconds.toFixed(0)} s (${each})`, width),
    hanging('  whole documents   ', outcomes(summary.saves, SAVED), width),
    hanging("  devices' updates  ", outcomes(summary.pushes, PUSHED), width),
    hanging('  merges to review  ', conflicts(summary), width),
    hanging('  words written     ', `${number(words)}, each looked for in both stores`, width),
    ...(unsettled === 0 ? [] : [`  not acknowledged  ${colors.red(number(unsettled))}`]),
    `  words lost        ${good(lost)}`,
    `  words doubled     ${good(doubled)}`,
    ...(sound ? [] : ['', colors.red('This is not as it should be.')]),
    ...next(summary, width),
  ].join('\n');
}

const totalOf = (counts: DemoSummary['saves']): number =>
  Object.values(counts).reduce((sum, times) => sum + times, 0);

/** What became of a save or a push, in plain words; the usual first. */
const SAVED: Readonly<Record<string, string>> = {
  saved: 'saved as they were',
  merged: 'merged with what others wrote',
  unchanged: 'that changed nothing',
};
const PUSHED: Readonly<Record<string, string>> = {
  applied: 'taken in as they were',
  merged: 'merged with what others wrote',
  duplicate: 'sent again, and known already',
};

function outcomes(counts: DemoSummary['saves'], words: Readonly<Record<string, string>>): string {
  const others = Object.keys(counts).filter((outcome) => words[outcome] === undefined);
  const named = [...Object.keys(words), ...others].filter((outcome) => (counts[outcome] ?? 0) > 0);
  const each = named.map((outcome) => `${number(counts[outcome] ?? 0)} ${words[outcome] ?? outcome}`);
  return `${number(totalOf(counts))}${each.length === 0 ? '' : `: ${each.join(', ')}`}`;
}

const conflicts = ({ conflicts: { notice, reviewed, open } }: DemoSummary): string =>
  `${number(reviewed)} looked at by a teacher, ${number(open)} waiting; ${number(notice)} more only noted`;

function next({ config, unleash }: DemoSummary, width: number): readonly string[] {
  if (unleash === null) return ['', 'Again, and left running to look around:', '  npx dualpath demo --keep'];
  const dualpath = `npx dualpath --config ${quoted(relative('', config))}`;
  return [
    '',
    'It is still there. Try:',
    `  ${dualpath} status`,
    `  ${dualpath} verify`,
    `  ${dualpath} why everyone`,
    `  ${dualpath} conflicts list`,
    `  ${dualpath} journal show`,
    hanging(
      '',
      `The flags are at ${unleash}, user admin; the password is in the first line of ${relative('', config)}.`,
      width,
    ),
    'End it, Unleash too, with',
    `  ${dualpath} database stop`,
  ];
}

/** As a shell takes it. */
const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
