import type { Content } from './content.ts';

/**
 * Does `many` hold what `one` holds twice or more often? That is what a second seed leaves: each block once more, under
 * other Yjs ids. Blocks that were edited since do not hide it: more than half of those with words have to stand there
 * twice as often. A word or two that were typed twice are not enough.
 */
export function repeats(many: Content, one: Content): boolean {
  const wanted = counts(unitsOf(one));
  if (wanted.size === 0) return false;
  const found = counts(unitsOf(many));
  const doubled = [...wanted].filter(([unit, times]) => (found.get(unit) ?? 0) >= 2 * times);
  return 2 * doubled.length > wanted.size || isRepetition(many, one);
}

/** Text has no seams: the last line of one copy runs into the first of the next. */
function isRepetition(many: Content, one: Content): boolean {
  const [long, short] = [textOf(many), textOf(one)];
  if (long === null || !short || long.length <= short.length) return false;
  return long === short.repeat(Math.round(long.length / short.length));
}

function textOf({ value }: Content): string | null {
  if (typeof value === 'string') return value;
  const ops = Array.isArray(value) ? value : (value as { readonly ops?: unknown }).ops;
  if (!Array.isArray(ops)) return null;
  return ops.map(({ insert }) => (typeof insert === 'string' ? insert : JSON.stringify(insert))).join('');
}

/** Blocks of a document, lines of a text; empty ones say nothing. */
function unitsOf(content: Content): readonly string[] {
  const text = textOf(content);
  if (text !== null) return text.split('\n').filter((line) => line.trim() !== '');
  const { content: blocks } = content.value as { readonly content?: readonly unknown[] };
  return (blocks ?? []).filter(hasContent).map((block) => JSON.stringify(block));
}

const hasContent = (block: unknown): boolean => {
  const { content, attrs } = block as { readonly content?: unknown; readonly attrs?: unknown };
  return content !== undefined || attrs !== undefined;
};

function counts(units: readonly string[]): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const unit of units) result.set(unit, (result.get(unit) ?? 0) + 1);
  return result;
}
