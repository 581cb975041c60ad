import type { WhyReport } from '../../controller.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, moment, widthOf } from '../text.ts';
import { mark } from './gates.ts';

/** Unmet conditions only, gates first: why each is unmet, since when, and what would clear it. */
export function renderWhy(report: WhyReport, terminal: Terminal): string {
  const { bold, yellow } = terminal.colors;
  const unmet = report.gates.filter((gate) => gate.verdict !== 'pass');
  const met = report.gates.filter((gate) => gate.verdict === 'pass').map((gate) => gate.gate);
  const paused = report.status === 'paused' ? ', paused' : '';
  const stands = `${bold(report.cohort)} is ${report.stage} since ${moment(report.since)}${paused}`;
  const open =
    unmet.length > 0 ? `, and ${counted(unmet.length, 'of its gates does', 'of its gates do')} not pass` : '';
  const blocks = [
    ...unmet.map((gate) => ({ name: gate.gate, state: mark(gate.verdict, terminal), ...gate })),
    ...report.conditions.map((each) => ({ name: each.condition, state: yellow(each.observed), ...each })),
  ];
  return [
    hanging('', `${stands}${open}.`, terminal.width),
    ...blocks.flatMap((block) => ['', explained(block, terminal)]),
    ...(met.length > 0 ? ['', hanging(`${mark('pass', terminal)}: `, met.join(', '), terminal.width)] : []),
  ].join('\n');
}

interface Explained {
  readonly name: string;
  /** In its own colour. */
  readonly state: string;
  readonly because: string;
  readonly since: string | null;
  readonly clears: string;
}

function explained({ name, state, because, since, clears }: Explained, terminal: Terminal): string {
  const { bold, dim } = terminal.colors;
  const line = (title: string, text: string): string =>
    hanging(`  ${dim(title)}${' '.repeat(10 - widthOf(title))}`, terminal.pasteable(text), terminal.width);
  return [
    hanging(`${bold(name)}: `, state, terminal.width),
    line('because', because),
    ...(since ? [line('since', moment(since))] : []),
    line('clears by', clears),
  ].join('\n');
}
