import type { ErrorCode, YAMLParseError, YAMLWarning } from 'yaml';
import type { Mistake } from './mistakes.ts';

/** What the YAML parser found, in our words: its own quote the file, which may hold a token. */
export function syntaxMistakes(
  errors: readonly (YAMLParseError | YAMLWarning)[],
  text: string,
  place: (offset: number) => { readonly line: number; readonly column: number },
): { readonly mistakes: readonly Mistake[]; readonly readable: boolean } {
  const mistakes = new Map<number, Mistake>();
  for (const { code, pos } of errors) {
    const { line, column } = place(pos[0]);
    // What follows on the same line is mostly a consequence of the first.
    if (mistakes.has(line)) continue;
    const source = text.split('\n', line)[line - 1] ?? '';
    const [problem, remedy] = explain(code, source);
    mistakes.set(line, { line, column, key: '', problem, remedy });
  }
  return { mistakes: [...mistakes.values()], readable: errors.every(({ code }) => HARMLESS.has(code)) };
}

/** Far deeper than any config. Deeper text could exhaust the stack of the YAML parser, which ends the process. */
const DEEPEST = 100;

/** Where the text, taken roughly, is nested deeper than that; null for a file that can be parsed. */
export function tooDeepAt(text: string): number | null {
  const indented = text.search(new RegExp(`^[ \\t?:-]{${2 * DEEPEST}}`, 'm'));
  if (indented !== -1) return indented;
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST) return index;
  }
  return null;
}

/** The rest of the file can still be read after these. */
const HARMLESS: ReadonlySet<ErrorCode> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED', 'NON_STRING_KEY']);

const EXPLAINED: Partial<Record<ErrorCode, readonly [problem: string, remedy: string]>> = {
  DUPLICATE_KEY: ['has the same key twice in one place', 'Keep one of the two.'],
  NON_STRING_KEY: ['has a key that is a list or a map', 'Write a word as the key.'],
  TAG_RESOLVE_FAILED: ['has a tag (!…), which means nothing here', 'Leave the tag out.'],
  TAB_AS_INDENT: ['is indented with a tab, which YAML forbids', 'Indent with spaces.'],
  MULTIPLE_DOCS: [
    'holds a second YAML document',
    'Keep one document: remove the line --- and what follows it.',
  ],
  BAD_INDENT: [
    'has a line that belongs to nothing above it',
    'Align it with the keys or items beside it, or close the bracket above it.',
  ],
  BAD_SCALAR_START: ['has text that begins with @ or `', 'Put quotes around it.'],
  BAD_DQ_ESCAPE: [
    'has an unknown escape in double quotes',
    'Use single quotes, or write \\\\ for a backslash.',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'has two keys on one line',
    'Put the second on a line of its own, or the value in quotes.',
  ],
  MULTILINE_IMPLICIT_KEY: ['has a key without a colon', 'Write a colon and a space after the key.'],
};

const UNCLOSED = [
  'has a quote, bracket or colon missing',
  'Close what is open on this line or above it, and write a space after each colon and comma.',
] as const;

function explain(code: ErrorCode, line: string): readonly [string, string] {
  // In [] and {} the brace of a variable begins a map.
  if (/[[{,].*\$\{/.test(line) && code !== 'DUPLICATE_KEY')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shown as it is
    return ['has a variable without quotes inside [ ] or { }', 'Put double quotes around it: "${NAME}".'];
  return EXPLAINED[code] ?? UNCLOSED;
}
