import { align } from './align.ts';

/** One child of a node, as far as telling children apart goes. */
export interface Child {
  /** Equal for two children if and only if they are equal all the way down. */
  readonly identity: number;
  /** Only children of one kind can be turned into each other: a node's type, or that it is text. */
  readonly kind: string;
  /** An empty Y.XmlText, as editors leave them: shows nowhere, so it may stay, and serves for new text. */
  readonly blank: boolean;
  /** What is in it, for likeness. Called only for children that have no equal. */
  readonly words: () => ReadonlySet<string>;
}

/** What becomes of the next child or children, in order. Indices point into the lists given. */
export type ChildStep =
  | { readonly do: 'keep'; readonly count: number }
  | { readonly do: 'update'; readonly before: number; readonly after: number }
  | { readonly do: 'remove'; readonly count: number }
  | { readonly do: 'insert'; readonly after: number; readonly count: number };

/** Pairs weighed against each other at most; past it children are paired by kind and order alone. */
const MAX_PAIRS = 2_500;

/** What two children of one kind are worth to each other if they share no word: little, but more than a deletion. */
const SAME_KIND = 0.1;

/**
 * How to turn the children of a node into others: equal ones are kept, in order; what lies between is paired by
 * likeness and updated in place, as text that somebody else types into it meanwhile survives only there.
 */
export function diffChildren(before: readonly Child[], after: readonly Child[]): readonly ChildStep[] {
  const steps: ChildStep[] = [];
  let [a, b] = [0, 0];
  const end = { a: before.length, b: after.length, length: 0 };
  for (const match of [...align(identities(before), identities(after)), end]) {
    diffGap(before.slice(a, match.a), after.slice(b, match.b), a, b, steps);
    if (match.length > 0) steps.push({ do: 'keep', count: match.length });
    [a, b] = [match.a + match.length, match.b + match.length];
  }
  return steps;
}

function diffGap(
  before: readonly Child[],
  after: readonly Child[],
  aFrom: number,
  bFrom: number,
  steps: ChildStep[],
): void {
  let [a, b] = [0, 0];
  const end = { a: before.length, b: after.length };
  for (const pair of [...pairUp(before, after), end]) {
    for (const child of before.slice(a, pair.a))
      steps.push({ do: child.blank ? 'keep' : 'remove', count: 1 });
    if (b < pair.b) steps.push({ do: 'insert', after: bFrom + b, count: pair.b - b });
    if (pair !== end) steps.push({ do: 'update', before: aFrom + pair.a, after: bFrom + pair.b });
    [a, b] = [pair.a + 1, pair.b + 1];
  }
}

interface Pair {
  readonly a: number;
  readonly b: number;
}

function pairUp(before: readonly Child[], after: readonly Child[]): readonly Pair[] {
  if (before.length === 0 || after.length === 0) return [];
  if (before.length * after.length > MAX_PAIRS) return pairByKind(before, after);
  return pairByLikeness(before, after);
}

function pairByKind(before: readonly Child[], after: readonly Child[]): readonly Pair[] {
  const kinds = new Map<string, number>();
  const numberOf = ({ kind }: Child) => {
    const number = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, number);
    return number;
  };
  return align(before.map(numberOf), after.map(numberOf)).flatMap(({ a, b, length }) =>
    Array.from({ length }, (_, index) => ({ a: a + index, b: b + index })),
  );
}

/** The pairing in order whose likeness sums up to the most (Needleman and Wunsch, 1970, with free gaps). */
function pairByLikeness(before: readonly Child[], after: readonly Child[]): readonly Pair[] {
  const width = after.length + 1;
  const best = new Float64Array((before.length + 1) * width);
  const likeness = new Float64Array((before.length + 1) * width);
  for (let a = before.length - 1; a >= 0; a--) {
    for (let b = after.length - 1; b >= 0; b--) {
      const at = a * width + b;
      const alike = likenessOf(before[a], after[b]);
      likeness[at] = alike;
      const paired = alike > 0 ? alike + (best[at + width + 1] ?? 0) : 0;
      best[at] = Math.max(paired, best[at + width] ?? 0, best[at + 1] ?? 0);
    }
  }
  const pairs: Pair[] = [];
  for (let a = 0, b = 0; a < before.length && b < after.length; ) {
    const at = a * width + b;
    const alike = likeness[at] ?? 0;
    if (alike > 0 && best[at] === alike + (best[at + width + 1] ?? 0)) pairs.push({ a: a++, b: b++ });
    else if (best[at] === best[at + width]) a++;
    else b++;
  }
  return pairs;
}

/** 0 for different kinds, else up to 1: the share of words that both have. */
function likenessOf(one: Child | undefined, two: Child | undefined): number {
  if (one === undefined || two === undefined || one.kind !== two.kind) return 0;
  const [words, others] = [one.words(), two.words()];
  if (words.size === 0 || others.size === 0) return SAME_KIND;
  let common = 0;
  for (const word of words) if (others.has(word)) common++;
  return SAME_KIND + ((1 - SAME_KIND) * 2 * common) / (words.size + others.size);
}

function identities(children: readonly Child[]): readonly number[] {
  return children.map((child) => child.identity);
}
