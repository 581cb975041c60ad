import type { SoakReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { mark, renderGates } from './gates.ts';

export function renderSoak(report: SoakReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohort is soaking or baking.';
  return report.cohorts
    .map((cohort) => {
      const { observations, mismatches, upperBound } = cohort;
      const bound =
        upperBound === null ? '' : `, at most ${(upperBound * 100).toPrecision(2)} % with confidence`;
      return [
        `${terminal.colors.bold(cohort.name)}  ${cohort.stage}  ${mark(cohort.verdict, terminal)}  ${observations.toLocaleString('en')} observations, ${mismatches} mismatches${bound}`,
        renderGates(cohort.gates, terminal),
      ].join('\n');
    })
    .join('\n\n');
}
