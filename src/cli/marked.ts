import { printable, widthOf } from './text.ts';

/** A piece of a text, and how it is coloured. */
export interface Piece {
  readonly text: string;
  readonly style?: (text: string) => string;
}

/**
 * Breaks pieces into lines no wider than `width`, between words, and within one only where it is wider than a line. What would
 * move the cursor is written out; a line end in the text stays one.
 */
export function layOut(pieces: readonly Piece[], width: number): readonly string[] {
  const lines: string[] = [];
  let [line, used] = ['', 0];
  const end = () => {
    lines.push(line.trimEnd());
    [line, used] = ['', 0];
  };
  for (const word of wordsOf(pieces)) {
    if (word === BREAK) {
      end();
      continue;
    }
    const wide = word.reduce((sum, { text }) => sum + widthOf(text), 0);
    if (used > 0 && used + 1 + wide > width) end();
    if (used > 0) [line, used] = [`${line} `, used + 1];
    for (const { text, style = asIs } of word)
      for (const part of cut(text, width, () => width - used)) {
        if (used > 0 && used + widthOf(part) > width) end();
        [line, used] = [line + style(part), used + widthOf(part)];
      }
  }
  end();
  return lines;
}

const asIs = (text: string): string => text;

const BREAK = 'break';
type Word = readonly Piece[] | typeof BREAK;

/** Pieces between two spaces belong to one word, so that a mark stays with what it marks. */
function wordsOf(pieces: readonly Piece[]): readonly Word[] {
  const words: Word[] = [];
  let word: Piece[] = [];
  const flush = () => {
    if (word.length > 0) words.push(word);
    word = [];
  };
  for (const { text, style } of pieces)
    for (const part of text.split(/(\s+)/)) {
      if (part === '') continue;
      if (part.trim() !== '')
        word.push({ text: printable(part, Number.POSITIVE_INFINITY), ...(style ? { style } : {}) });
      else {
        flush();
        if (part.includes('\n')) words.push(BREAK);
      }
    }
  flush();
  return words;
}

/** A word that is wider than a line, in parts that fit; the first one into the room that is left. */
function cut(text: string, width: number, room: () => number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    const most = parts.length === 0 ? room() : width;
    if (part !== '' && widthOf(part + character) > most) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/** Cells side by side in columns of these widths, each a list of lines. */
export function beside(
  cells: readonly (readonly string[])[],
  widths: readonly number[],
  gap: string,
): string {
  const height = Math.max(...cells.map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) =>
    cells
      .map((lines, column) => {
        const line = lines[row] ?? '';
        return line + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(line)));
      })
      .join(gap)
      .trimEnd(),
  );
  return rows.join('\n');
}
