import type { Gate, Verdict, WhyReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** A verdict in its own colour; the word says it too, so that nothing depends on colour. */
export function mark(verdict: Verdict, { colors }: Terminal): string {
  if (verdict === 'pass') return colors.green('pass');
  if (verdict === 'inconclusive') return colors.yellow('not yet');
  return colors.red(verdict);
}

/** The gates in one word or two: which fail, or how many are still open. */
export function worstMark(gates: readonly Gate[], terminal: Terminal): string {
  if (gates.length === 0) return '-';
  const broken = gates.filter((gate) => gate.verdict === 'fail' || gate.verdict === 'error');
  if (broken.length > 0) return terminal.colors.red(`fail: ${broken.map((gate) => gate.gate).join(', ')}`);
  const passed = gates.filter((gate) => gate.verdict === 'pass').length;
  return passed === gates.length
    ? mark('pass', terminal)
    : terminal.colors.yellow(`${passed}/${gates.length}`);
}

export function renderGates(gates: readonly Gate[], terminal: Terminal): string {
  return table(
    ['gate', 'verdict', 'because', 'since', 'clears'],
    gates.map((gate) => [
      gate.gate,
      mark(gate.verdict, terminal),
      gate.because,
      clock(gate.since),
      gate.retryAt ? clock(gate.retryAt) : '-',
    ]),
    terminal.width,
  );
}

/** Unmet conditions first: they are what was asked for. */
export function renderWhy(report: WhyReport, terminal: Terminal): string {
  const unmet = report.gates.filter((gate) => gate.verdict !== 'pass');
  const met = report.gates.filter((gate) => gate.verdict === 'pass').map((gate) => gate.gate);
  return [
    `${terminal.colors.bold(report.cohort)} is ${report.stage}.`,
    ...report.waitingFor.map((each) => `  ${each}`),
    ...(unmet.length > 0 ? ['', renderGates(unmet, terminal)] : []),
    ...(met.length > 0 ? ['', terminal.colors.dim(`met: ${met.join(', ')}`)] : []),
  ].join('\n');
}

const clock = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
