import { relative } from 'node:path';
import type { DemoSummary } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { hanging, number } from '../text.ts';

/** The closing summary: what the database says after the last cohort was completed. */
export function renderDemo(summary: DemoSummary, { colors, width }: Terminal): string {
  const { cohorts, documents, moved, proven, quarantined, words, seconds, lost, doubled, sound } = summary;
  const good = (count: number): string => (count === 0 ? colors.green('0') : colors.red(number(count)));
  const saves = cohorts.reduce((sum, cohort) => sum + cohort.saves, 0);
  const each = cohorts.map((cohort) => `${cohort.name} ${number(cohort.saves)}`).join(', ');
  return [
    '',
    colors.bold('What the database says now'),
    `  documents moved   ${number(moved)} of ${number(documents)}`,
    `  proven equal      ${number(proven)}`,
    `  in quarantine     ${number(quarantined)}`,
    hanging('  saves meanwhile   ', `${number(saves)} in ${seconds.toFixed(0)} s (${each})`, width),
    `  words written     ${number(words)}`,
    `  words lost        ${good(lost)}`,
    `  words doubled     ${good(doubled)}`,
    ...(sound ? [] : ['', colors.red('This is not as it should be.')]),
    ...next(summary, width),
  ].join('\n');
}

function next({ config, unleash }: DemoSummary, width: number): readonly string[] {
  if (unleash === null) return ['', 'Again, and left running to look around:  npx dualpath demo --keep'];
  const dualpath = `npx dualpath --config ${quoted(relative('', config))}`;
  return [
    '',
    'It is still there. Try:',
    `  ${dualpath} status`,
    `  ${dualpath} verify`,
    `  ${dualpath} why everyone`,
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
