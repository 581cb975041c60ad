import { stripVTControlCharacters } from 'node:util';

const GAP = '  ';

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/**
 * Columns aligned by their widest cell, without frames, so that lines can be cut, grepped and pasted. Where the whole
 * is wider than the terminal, each row becomes a block of `heading  value` lines instead of being broken in the middle.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(widthOf(heading), ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  if (total > width) return rows.map((row) => block(headings, row)).join('\n\n');
  return [headings, ...rows].map((row) => line(row, widths)).join('\n');
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return widths
    .map((width, column) => {
      const cell = cells[column] ?? '';
      return cell + ' '.repeat(width - widthOf(cell));
    })
    .join(GAP)
    .trimEnd();
}

function block(headings: readonly string[], row: readonly string[]): string {
  const width = Math.max(...headings.map(widthOf));
  return headings
    .map((heading, column) =>
      `${heading}${' '.repeat(width - widthOf(heading))}${GAP}${row[column] ?? ''}`.trimEnd(),
    )
    .join('\n');
}
