import type { ChainVerdict, JournalEntry } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, moment, printable } from '../text.ts';

/** A line a decision: when, what, who, why. */
export function renderJournal(entries: readonly JournalEntry[], terminal: Terminal): string {
  if (entries.length === 0) return 'The journal is empty.';
  const { dim } = terminal.colors;
  return table(
    [{ title: 'at' }, { title: 'cohort' }, { title: 'entry' }, { title: 'by' }],
    entries.map((entry) => [
      moment(entry.at),
      entry.cohort ?? '-',
      entry.kind,
      printable(entry.operator),
      [...(entry.reason ? [`“${printable(entry.reason, 500)}”`] : []), ...factsOf(entry.data)].join(', '),
    ]),
    terminal.width,
    { title: 'what', style: dim, bare: true },
  );
}

export const renderChain = (verdict: ChainVerdict): string =>
  verdict.broken
    ? `The chain breaks at entry ${verdict.broken.seq}: ${verdict.broken.because}.`
    : `${counted(verdict.entries, 'entry', 'entries')}, the chain holds. Its head is\n${verdict.head}`;

/** The facts of an entry in a few words each; `--json` and `journal export` have them whole. */
function factsOf(data: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(data).map(([key, value]) => {
    if (key === 'because') return String(value);
    if (key === 'on') return value ? 'on' : 'off';
    if (Array.isArray(value)) return `${key} ${value.length}`;
    return `${key} ${value && typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
  });
}
