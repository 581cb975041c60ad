import { stripVTControlCharacters } from 'node:util';

/** Columns that a text takes on a terminal; colours take none, and signs of East Asian scripts and emoji take two. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  return ASCII.test(plain)
    ? plain.length
    : [...plain].reduce((sum, character) => sum + columnsOf(character), 0);
}

const ASCII = /^[\x20-\x7e]*$/;
const NO_COLUMN = /\p{Mn}|\p{Me}|\p{Cf}/u;
const HALF_WIDTH = /[\uff61-\uffdc\uffe8-\uffee]/u;
const TWO_COLUMNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

function columnsOf(character: string): number {
  if (NO_COLUMN.test(character)) return 0;
  return TWO_COLUMNS.test(character) && !HALF_WIDTH.test(character) ? 2 : 1;
}

/**
 * Breaks a text between words, so that no line is wider than `width`; a word that is wider has a line of its own. What stands
 * in backticks is one word, for a command that was broken cannot be pasted.
 */
export const wrap = (text: string, width: number): readonly string[] =>
  text.split('\n').flatMap((line) => wrapLine(line, width));

function wrapLine(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(text)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A backtick that is never closed, such as one of a name, keeps nothing together. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  const open: string[] = [];
  for (const piece of text.split(' ')) {
    const toggles = piece.split('`').length % 2 === 0;
    if (open.length === 0 && !toggles) words.push(piece);
    else open.push(piece);
    if (open.length > 1 && toggles) words.push(open.splice(0).join(' '));
  }
  return [...words, ...open];
}

/**
 * A text behind a heading, its further lines under its first one: `error  …`. A command too wide for that stands further to
 * the left, below the heading, if it fits there: the terminal would break it anywhere.
 */
export function hanging(heading: string, text: string, width: number): string {
  const indent = widthOf(heading);
  const room = Math.max(20, width - indent);
  const behind = (line: string): boolean => widthOf(line) <= room || widthOf(line) > width;
  return wrap(text, room)
    .flatMap((line, index) => {
      if (behind(line)) return [`${index === 0 ? heading : ' '.repeat(indent)}${line}`];
      const further = `${' '.repeat(width - widthOf(line))}${line}`;
      return index === 0 && heading.trim() !== '' ? [heading.trimEnd(), further] : [further];
    })
    .join('\n');
}

/** Longer names than this are shown by their beginning; `--json` has them whole. */
const LONGEST_NAME = 64;

/**
 * A name that came from a database, as it may stand on a terminal: what would move the cursor or end the line is written out.
 */
export function printable(name: string, longest = LONGEST_NAME): string {
  const safe = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escaped);
  const characters = [...safe];
  return characters.length <= longest
    ? safe
    : `${characters.slice(0, longest - 24).join('')}… (${number([...name].length)} characters)`;
}

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

export const number = (count: number): string => count.toLocaleString('en-US');

/** `1 document`, `2 documents`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** A moment to the second, in UTC and saying so: `2026-03-01 04:05:06Z`. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')}Z`;
