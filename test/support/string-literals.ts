/**
 * The texts in TypeScript source as a program has them: what stands in quotes, and templates with `x` for each value.
 * Comments are none. It knows as much of the language as it takes to tell these apart.
 */
export function stringLiterals(source: string): readonly string[] {
  const found: string[] = [];
  const end = code(source, 0, found, null);
  if (end !== source.length) throw new Error(`unbalanced at ${end}`);
  return found;
}

/** Reads code up to the end, or up to the brace that closes a value in a template; gives where that is. */
function code(source: string, from: number, found: string[], closing: '}' | null): number {
  let depth = 0;
  let before = '';
  let at = from;
  while (at < source.length) {
    const character = source[at] ?? '';
    if (character === closing && depth === 0) return at;
    const afterComment = comment(source, at);
    if (afterComment > at) {
      at = afterComment;
      continue;
    }
    const afterLiteral = literal(source, at, before, found);
    if (afterLiteral === at) depth += DEPTH[character] ?? 0;
    at = Math.max(afterLiteral, at + 1);
    if (character.trim() !== '') before = character;
  }
  return at;
}

const DEPTH: Readonly<Record<string, number>> = { '{': 1, '}': -1 };

function comment(source: string, at: number): number {
  if (source.startsWith('//', at)) return until(source, '\n', at);
  return source.startsWith('/*', at) ? until(source, '*/', at + 2) + 2 : at;
}

function literal(source: string, at: number, before: string, found: string[]): number {
  const character = source[at];
  if (character === "'" || character === '"') return quoted(source, at, found);
  if (character === '`') return template(source, at + 1, found);
  return character === '/' && STARTS_VALUE.test(before) ? expression(source, at) : at;
}

/** After one of these a slash begins a regular expression; after anything else it divides. */
const STARTS_VALUE = /^[(,=:[!&|?{};+*<>~^-]?$/;

const until = (source: string, text: string, from: number): number => {
  const at = source.indexOf(text, from);
  return at < 0 ? source.length : at;
};

function quoted(source: string, from: number, found: string[]): number {
  const quote = source[from];
  let at = from + 1;
  let text = '';
  while (source[at] !== quote) {
    const escaped = source[at] === '\\';
    text += escaped ? meant(source[at + 1]) : source[at];
    at += escaped ? 2 : 1;
  }
  found.push(text);
  return at + 1;
}

function template(source: string, from: number, found: string[]): number {
  let at = from;
  let text = '';
  while (source[at] !== '`') {
    if (source.startsWith('${', at)) {
      text += 'x';
      at = code(source, at + 2, found, '}') + 1;
      continue;
    }
    const escaped = source[at] === '\\';
    text += escaped ? meant(source[at + 1]) : source[at];
    at += escaped ? 2 : 1;
  }
  found.push(text);
  return at + 1;
}

const meant = (escaped = ''): string => (escaped === 'n' ? '\n' : escaped);

function expression(source: string, from: number): number {
  let at = from + 1;
  let inClass = false;
  while (inClass || source[at] !== '/') {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    at += 1;
  }
  return at + 1;
}
