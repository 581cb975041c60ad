import { widthOf, wrap } from './text.ts';

const GAP = '  ';

/** Less room than this for the last column, and its text stands below its row instead. */
const NARROWEST_TEXT = 36;
const BELOW = '    ';

export interface Column {
  readonly title: string;
  /** Numbers are read from the right. */
  readonly right?: boolean;
  /** What may be left out on a narrow terminal, the smallest first. Only of columns that `--json` or another command shows. */
  readonly leaveOut?: number;
}

/** The last column, if its text can be long: it is wrapped beside its row, or below it where there is too little room. */
export interface TextColumn {
  readonly title: string;
  readonly style?: (line: string) => string;
  /** Below its row it goes without its title, because it explains itself. */
  readonly bare?: boolean;
}

/**
 * Columns aligned by their widest cell, without frames, so that lines can be cut, grepped and pasted. On a narrow terminal
 * columns that can be spared go first; where even the rest is too wide, each row becomes a block of `title  value` lines.
 * Without a terminal the width is infinite, and a row is always one line.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  text?: TextColumn,
): string {
  const kept = fitting(columns, rows, width);
  if (kept === null) return blocks(columns, rows, text, width);
  const { shown, widths } = kept;
  const rowLine = (cells: readonly string[]): string =>
    shown.map((at, index) => padded(cells[at] ?? '', widths[index] ?? 0, columns[at]?.right)).join(GAP);
  const head = rowLine(columns.map((column) => column.title));
  if (!text) return [head, ...rows.map(rowLine)].map((line) => line.trimEnd()).join('\n');

  const textOf = (row: readonly string[]): string => row[columns.length] ?? '';
  const room = width - widthOf(head) - GAP.length;
  const longest = Math.max(0, ...rows.map((row) => widthOf(textOf(row))));
  const beside = room >= Math.min(longest, NARROWEST_TEXT) && room >= widthOf(text.title);
  return [
    beside ? `${head}${GAP}${text.title}` : head.trimEnd(),
    ...rows.map((row) => withText(rowLine(row), textOf(row), text, beside, beside ? room : width)),
  ].join('\n');
}

function withText(
  line: string,
  content: string,
  { title, bare, style = (each) => each }: TextColumn,
  beside: boolean,
  room: number,
): string {
  if (beside) {
    const indent = ' '.repeat(widthOf(line));
    return wrap(content, room)
      .map((part, index) => `${index === 0 ? line : indent}${GAP}${style(part)}`.trimEnd())
      .join('\n');
  }
  // A dash says that there is nothing to say, and needs no line of its own.
  if (content === '' || content === '-') return line.trimEnd();
  const below = wrap(bare ? content : `${title}: ${content}`, room - BELOW.length);
  return [line.trimEnd(), ...below.map((part) => `${BELOW}${style(part)}`)].join('\n');
}

/** Which columns fit, with their widths; null when not even those that must stay do. */
function fitting(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): { readonly shown: readonly number[]; readonly widths: readonly number[] } | null {
  const natural = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  );
  let shown: readonly number[] = columns.map((_, at) => at);
  while (true) {
    const widths = shown.map((at) => natural[at] ?? 0);
    const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
    if (total <= width) return { shown, widths };
    const [spare] = shown
      .filter((at) => columns[at]?.leaveOut !== undefined)
      .sort((a, b) => (columns[a]?.leaveOut ?? 0) - (columns[b]?.leaveOut ?? 0));
    if (spare === undefined) return null;
    shown = shown.filter((at) => at !== spare);
  }
}

function padded(cell: string, width: number, right = false): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return right ? space + cell : cell + space;
}

function blocks(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  text: TextColumn | undefined,
  width: number,
): string {
  const titles = [...columns.map((column) => column.title), ...(text ? [text.title] : [])];
  const widest = Math.max(...titles.map(widthOf));
  const block = (row: readonly string[]): string =>
    titles
      .flatMap((title, at) =>
        wrap(row[at] ?? '', Math.max(20, width - widest - GAP.length)).map((part, index) =>
          `${padded(index === 0 ? title : '', widest)}${GAP}${part}`.trimEnd(),
        ),
      )
      .join('\n');
  return rows.map(block).join('\n\n');
}
