import type { Gate, Verdict } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { hanging } from '../text.ts';

/** A verdict in its own colour; the word says it too, so that nothing depends on colour. */
export function mark(verdict: Verdict, { colors }: Terminal): string {
  if (verdict === 'pass') return colors.green('pass');
  if (verdict === 'inconclusive') return colors.yellow('not yet');
  return colors.red(verdict);
}

/** The gates in a word or two: how many fail, or how many of them pass so far. */
export function worstMark(gates: readonly Gate[], terminal: Terminal): string {
  if (gates.length === 0) return '-';
  const broken = gates.filter((gate) => gate.verdict === 'fail' || gate.verdict === 'error');
  if (broken.length > 0) return terminal.colors.red(`${broken.length} failing`);
  const passed = gates.filter((gate) => gate.verdict === 'pass').length;
  return passed === gates.length
    ? mark('pass', terminal)
    : terminal.colors.yellow(`${passed} of ${gates.length}`);
}

/** The gates that do not pass, a line each, and then the names of those that do. */
export function renderGates(gates: readonly Gate[], terminal: Terminal): string {
  const unmet = gates.filter((gate) => gate.verdict !== 'pass');
  const met = gates.filter((gate) => gate.verdict === 'pass').map((gate) => gate.gate);
  const lines = table(
    [{ title: 'gate' }, { title: 'verdict' }],
    unmet.map((gate) => [gate.gate, mark(gate.verdict, terminal), gate.because]),
    terminal.width,
    { title: 'because' },
  );
  return [
    ...(unmet.length > 0 ? [lines] : []),
    ...(met.length > 0 ? [hanging(`${mark('pass', terminal)}: `, met.join(', '), terminal.width)] : []),
  ].join('\n');
}
