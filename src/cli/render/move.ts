import type { MoveReport } from '../../controller.ts';
import type { Answer, Terminal } from '../terminal.ts';
import { hanging } from '../text.ts';
import { renderGates } from './gates.ts';
import { renderStatus } from './status.ts';

/**
 * Why a command that moves cohorts went no further, and where they stand. What it did was said step by step while it did it;
 * what it would do is said here.
 */
export function renderMove(report: MoveReport, terminal: Terminal): Answer {
  const { colors, width } = terminal;
  const would = report.outcome === 'would';
  const held = report.outcome === 'failed' || report.outcome === 'not-yet';
  const open = report.cohorts.filter((cohort) => cohort.gates.some((gate) => gate.verdict !== 'pass'));
  const because = hanging('', sentence(report.because), width);
  const text = [
    ...(would ? report.steps.map((step) => hanging('would  ', step, width)) : []),
    report.outcome === 'failed' ? colors.red(because) : because,
    ...(held ? open : []).flatMap((cohort) => [
      '',
      `${colors.bold(cohort.name)}`,
      renderGates(cohort.gates, terminal),
    ]),
    ...(report.cohorts.length > 0 ? ['', renderStatus(report, terminal)] : []),
  ].join('\n');
  const exit = report.outcome === 'failed' ? 3 : report.outcome === 'not-yet' ? 4 : 0;
  return { json: report, text, exit };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
