import type { ExplainedGate, WhyReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, moment, widthOf } from '../text.ts';
import { mark } from './gates.ts';

/** Unmet conditions only: each observed against wanted, since when, and what would clear it. */
export function renderWhy(report: WhyReport, terminal: Terminal): string {
  const { bold } = terminal.colors;
  const unmet = report.gates.filter((gate) => gate.verdict !== 'pass');
  const met = report.gates.filter((gate) => gate.verdict === 'pass').map((gate) => gate.gate);
  const paused = report.status === 'paused' ? ' and paused' : '';
  const stands = `${bold(report.cohort)} is ${report.stage}${paused} since ${moment(report.since)}`;
  // What the gates say is said gate by gate.
  const beside = report.waitingFor.filter((each) => !unmet.some((gate) => each.includes(gate.because)));
  return [
    unmet.length > 0
      ? `${stands}, and ${counted(unmet.length, 'of its gates does', 'of its gates do')} not pass.`
      : `${stands}.`,
    ...beside.map((each) => hanging('  waiting for  ', each, terminal.width)),
    ...unmet.flatMap((gate) => ['', explained(gate, terminal)]),
    ...(met.length > 0 ? ['', hanging(`${mark('pass', terminal)}: `, met.join(', '), terminal.width)] : []),
  ].join('\n');
}

function explained(gate: ExplainedGate, terminal: Terminal): string {
  const { bold, dim } = terminal.colors;
  const line = (title: string, text: string): string =>
    hanging(`  ${dim(title)}${' '.repeat(10 - widthOf(title))}`, text, terminal.width);
  return [
    `${bold(gate.gate)}: ${mark(gate.verdict, terminal)}`,
    line('because', gate.because),
    line('since', moment(gate.since)),
    line('clears by', gate.clears),
  ].join('\n');
}
