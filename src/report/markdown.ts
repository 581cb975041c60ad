import type { SoakedCohort, SoakReport } from './reports.ts';

const MARKS = { pass: '✅ pass', fail: '❌ fail', inconclusive: '⏳ not yet', error: '⚠️ error' } as const;

/** A summary for a pull request or a CI job page: a table a cohort. */
export function toMarkdown(report: SoakReport): string {
  const { error } = report;
  if (error)
    return `## Soak: ${MARKS.error}\n\nNo round was made: ${cell(error.message)}\n\n${cell(error.remedy)}\n`;
  const cohorts =
    report.cohorts.length > 0 ? report.cohorts.map(section) : ['No cohort is soaking or baking.'];
  return [`## Soak: ${MARKS[report.verdict]}`, ...cohorts].join('\n\n').concat('\n');
}

function section(cohort: SoakedCohort): string {
  const bound =
    cohort.upperBound === null ? '' : `, upper bound ${(cohort.upperBound * 100).toPrecision(2)} %`;
  return [
    `### ${cell(cohort.name)} (${cohort.stage}): ${MARKS[cohort.verdict]}`,
    '',
    `${count(cohort.observations, 'observation', 'observations')}, ${count(cohort.mismatches, 'mismatch', 'mismatches')}${bound}`,
    '',
    '| gate | verdict | because |',
    '| --- | --- | --- |',
    ...cohort.gates.map((gate) => `| ${gate.gate} | ${MARKS[gate.verdict]} | ${cell(gate.because)} |`),
  ].join('\n');
}

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;

/** What a table or a heading would read as markup; HTML among it. */
const cell = (text: string): string => text.replace(/[\\|`*_<>[\]#&~]/g, '\\$&').replace(/\s+/g, ' ');
