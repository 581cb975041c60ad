import type { Content } from './content.ts';

/** Of the words, this share has to stand there twice as often: what was edited since a second seed does not hide it. */
const SHARE = 0.8;

/**
 * Does `many` hold what `one` holds twice or more often? That is what a second seed leaves: each block once more, under
 * other Yjs ids, wherever the copies were edited since.
 */
export function repeats(many: Content, one: Content): boolean {
  const wanted = countsOf(one);
  const found = countsOf(many);
  const doubled = [...wanted].filter(([token, times]) => (found.get(token) ?? 0) >= 2 * times);
  return wanted.size > 0 && doubled.length >= SHARE * wanted.size;
}

/** Runs of words: that several of them stand in a document twice is no chance of the language. */
const RUN = 3;

/** In a document of fewer runs, one sentence said again would be a second copy. */
const FEWEST_RUNS = 8;

/** How many runs of words a document has. */
export const runsIn = (content: Content): number => runsOf(content).length;

/**
 * Does a document hold twice what had `before` runs of words when both of its sides were last equal? That is what is left
 * where a second seed was mirrored, too. Somebody who copies a whole document into itself looks the same; of a document of
 * a few words nothing can be said.
 */
export function isTwice(content: Content, before: number): boolean {
  const counts = [...tally(runsOf(content)).values()];
  const twice = counts.reduce((sum, times) => sum + Math.floor(times / 2), 0);
  return before >= FEWEST_RUNS && twice >= SHARE * before;
}

function runsOf({ value }: Content): readonly string[] {
  const tokens = [...tokensIn(value)];
  const runs = tokens.length === 0 ? 0 : Math.max(1, tokens.length - RUN + 1);
  return Array.from({ length: runs }, (_, at) => tokens.slice(at, at + RUN).join(' '));
}

const countsOf = ({ value }: Content): ReadonlyMap<string, number> => tally(tokensIn(value));

function tally(tokens: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** Words of the text, and what stands beside text: images, embeds, rules. */
function* tokensIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield* value.split(/\s+/u).filter((word) => word !== '');
  else if (Array.isArray(value)) for (const item of value) yield* tokensIn(item);
  else yield* tokensOfNode(value as Readonly<Record<string, unknown>>);
}

function* tokensOfNode(node: Readonly<Record<string, unknown>>): Generator<string> {
  const inside = node.text ?? node.content ?? node.ops;
  if (inside !== undefined) yield* tokensIn(inside);
  else if (typeof node.insert === 'string') yield* tokensIn(node.insert);
  else if (node.insert !== undefined || node.attrs !== undefined) yield JSON.stringify(node);
}
