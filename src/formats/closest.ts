import { align } from './align.ts';
import type { Content } from './content.ts';
import { createInterner, tokenise } from './tokens.ts';

/** How far two contents are apart, in words. Spaces and types of nodes stand everywhere and tell nothing. */
interface Distance {
  /** Words that only one of them has. */
  readonly edits: number;
  /** Of the words of the smaller one, the share that both have: 0 to 1; 1 where it has none. */
  readonly common: number;
}

/** Texts that share less than this are no versions of each other; a person's edit between two saves keeps far more. */
const LEAST_COMMON = 0.3;

/**
 * Which of these contents a text was most likely made from: the one with the fewest edits between them, the earlier in
 * the list of two that are equally far. Nothing where none has enough in common with it.
 */
export function closest(
  candidates: readonly Content[],
  to: Content,
): { readonly index: number; readonly alike: boolean } | null {
  const intern = createInterner();
  const words = (content: Content): number[] => tokenise(textOf(content.value)).filter(isWord).map(intern);
  const target = words(to);
  let best: { index: number; distance: Distance } | null = null;
  for (const [index, candidate] of candidates.entries()) {
    const distance = distanceOf(words(candidate), target);
    if (best === null || distance.edits < best.distance.edits) best = { index, distance };
  }
  return best && { index: best.index, alike: best.distance.common >= LEAST_COMMON };
}

function distanceOf(a: readonly number[], b: readonly number[]): Distance {
  const common = align(a, b).reduce((sum, { length }) => sum + length, 0);
  const smaller = Math.min(a.length, b.length);
  return { edits: a.length + b.length - 2 * common, common: smaller === 0 ? 1 : common / smaller };
}

/** Is there anything in a content that a person wrote? */
export const hasWords = (content: Content): boolean => tokenise(textOf(content.value)).some(isWord);

const isWord = (token: string): boolean => token.trim() !== '';

/** Every text in a value but the names of its types, in order, each on a line of its own. */
function textOf(value: unknown): string {
  const texts: string[] = [];
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'string') texts.push(next);
    else if (Array.isArray(next)) pending.push(...next.toReversed());
    else if (typeof next === 'object' && next !== null) pending.push(...valuesOf(next).reverse());
  }
  return texts.join('\n');
}

const valuesOf = (value: object): unknown[] =>
  Object.entries(value).flatMap(([key, item]) => (key === 'type' ? [] : [item]));
