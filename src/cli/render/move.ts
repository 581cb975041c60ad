import type { MoveReport } from '../../controller.ts';
import type { Answer, Terminal } from '../terminal.ts';
import { renderGates } from './gates.ts';
import { renderStatus } from './status.ts';

/** What a command that moves cohorts did, why it went no further, and where they stand. */
export function renderMove(report: MoveReport, terminal: Terminal): Answer {
  const { colors } = terminal;
  const open = report.cohorts.filter((cohort) => cohort.gates.some((gate) => gate.verdict !== 'pass'));
  const gates = report.outcome === 'failed' || report.outcome === 'not-yet' ? open : [];
  const text = [
    ...report.steps.map((step) => `${report.outcome === 'would' ? 'would' : colors.green('done')}  ${step}`),
    report.outcome === 'failed' ? colors.red(report.because) : report.because,
    ...gates.flatMap((cohort) => [
      '',
      colors.bold(cohort.name),
      renderGates(
        cohort.gates.filter((gate) => gate.verdict !== 'pass'),
        terminal,
      ),
    ]),
    '',
    renderStatus(report, terminal),
  ].join('\n');
  const exit = report.outcome === 'failed' ? 3 : report.outcome === 'not-yet' ? 4 : 0;
  return { json: report, text, exit };
}
