import type { DemoSummary } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';

/** The closing summary: what the database says after the last cohort was completed. */
export function renderDemo(summary: DemoSummary, kept: boolean, { colors }: Terminal): string {
  const good = (count: number): string => (count === 0 ? colors.green('0') : colors.red(String(count)));
  const lines = [
    '',
    colors.bold('What the database says now'),
    `  documents moved   ${summary.moved} of ${summary.documents}`,
    `  proven equal      ${summary.proven}`,
    `  in quarantine     ${summary.quarantined}`,
    `  words written     ${summary.words} in ${summary.saves} saves while the rollout ran (${summary.seconds.toFixed(0)} s)`,
    `  lost              ${good(summary.lost)}`,
    `  doubled           ${good(summary.doubled)}`,
  ];
  const next = kept
    ? [
        '',
        'It is still there. Try:',
        `  npx dualpath --config ${summary.config} status`,
        `  npx dualpath --config ${summary.config} why everyone`,
        `  npx dualpath --config ${summary.config} journal show`,
        'and end it with',
        `  npx dualpath --config ${summary.config} database stop   (Unleash ends with its database)`,
      ]
    : ['', 'Again, and left running to look around:  npm run demo -- --keep'];
  return [...lines, ...next].join('\n');
}
