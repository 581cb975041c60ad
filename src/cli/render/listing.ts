import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { hanging, number, printable, wrap } from '../text.ts';

/** Documents of a kind, named to a person. */
const SHOWN = 20;

export interface Listing {
  readonly title: string;
  readonly rows: readonly (readonly [document: string, about: string])[];
  /** The title of what is said about each. */
  readonly about: string;
  /** How many there are, of which the report lists some. */
  readonly total: number;
  /** Prints the report's list. */
  readonly command: string;
}

/** The first of some documents with what is to be said about each, and where the others are named. */
export function listing(
  { title, rows, about, total, command }: Listing,
  { colors, width }: Terminal,
): string {
  const shown = rows.slice(0, SHOWN);
  const more = total - shown.length;
  const lines = table(
    [{ title: 'document' }],
    shown.map(([document, said]) => [printable(document), said]),
    width - 2,
    { title: about, bare: true },
  );
  const named = rows.length < total ? `names ${number(rows.length)}` : 'names them all';
  return [
    ...wrap(title, width - 2).map((line) => `  ${colors.yellow(line)}`),
    ...lines.split('\n').map((line) => `  ${line}`),
    ...(more > 0 ? [hanging('  ', `… and ${number(more)} more: \`${command}\` ${named}`, width)] : []),
  ].join('\n');
}
