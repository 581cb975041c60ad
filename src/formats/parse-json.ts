import { UnconvertibleError } from '../errors.ts';

/** A quick look for a number long enough to have lost digits; strings may match too, so a hit is only a reason to look. */
const MAYBE_LONG_NUMBER = /\d[\d.]{15}/;
const STRING_LITERAL = /"(?:[^"\\]|\\.)*"/gs;
const NUMBER_LITERAL = /-?\d[\d.eE+-]*/g;

/**
 * JSON.parse that loses nothing in silence. The engine's own message quotes the content, so it is not passed on.
 * @throws UnconvertibleError `not-json` or `number-precision`
 */
export function parseJson(raw: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    throw new UnconvertibleError('not-json', 'The content is not valid JSON.');
  }
  if (MAYBE_LONG_NUMBER.test(raw) && losesDigits(raw)) {
    throw new UnconvertibleError(
      'number-precision',
      'A number in the content has more digits than JavaScript, and so Yjs, can hold.',
    );
  }
  return value;
}

function losesDigits(raw: string): boolean {
  const withoutStrings = raw.replace(STRING_LITERAL, '""');
  for (const [literal] of withoutStrings.matchAll(NUMBER_LITERAL)) {
    if (significantDigits(literal) !== significantDigits(String(Number(literal)))) return true;
  }
  return false;
}

/** `0.00120e5` → `12`: what must survive, whatever notation a database prints a number in. */
function significantDigits(literal: string): string {
  const mantissa = literal.replace(/[eE].*$/, '').replace(/[-.]/g, '');
  return mantissa.replace(/^0+/, '').replace(/0+$/, '');
}
