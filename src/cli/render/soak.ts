import type { SoakedCohort, SoakReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging } from '../text.ts';
import { mark, renderGates } from './gates.ts';

export function renderSoak(report: SoakReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohort is soaking or baking: nothing was compared.';
  return report.cohorts.map((cohort) => section(cohort, terminal)).join('\n\n');
}

function section(cohort: SoakedCohort, terminal: Terminal): string {
  const { observations, mismatches, upperBound } = cohort;
  const bound = upperBound === null ? '' : `, at most ${(upperBound * 100).toPrecision(2)} % differ`;
  const seen = `${counted(observations, 'observation')}, ${counted(mismatches, 'mismatch', 'mismatches')}${bound}`;
  const name = `${terminal.colors.bold(cohort.name)} is ${cohort.stage}: ${mark(cohort.verdict, terminal)}`;
  return [hanging('', `${name} (${seen})`, terminal.width), renderGates(cohort.gates, terminal)].join('\n');
}
