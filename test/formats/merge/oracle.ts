import type { Content } from '../../../src/formats/index.ts';
import { type Doc, spots, wordsIn } from './tree.ts';

/** What is wrong with a merge, by the writers' own books. Words are named, as each is one writer's. */
export interface Faults {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly resurrected: readonly string[];
  /** Words that nobody wrote: two that ran into each other, or a part of one. */
  readonly mangled: readonly string[];
}

/** @param alive words that must stand once; @param gone words that must not stand at all */
export function faultsIn(result: Content, alive: ReadonlySet<string>, gone: ReadonlySet<string>): Faults {
  const count = countWords(result);
  const found = [...count.keys()];
  return {
    lost: [...alive].filter((word) => !count.has(word)),
    doubled: found.filter((word) => alive.has(word) && (count.get(word) ?? 0) > 1),
    resurrected: found.filter((word) => gone.has(word)),
    mangled: found.filter((word) => !alive.has(word) && !gone.has(word)),
  };
}

export function countWords({ value }: Content): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const { word } of wordsIn(value as Doc)) count.set(word, (count.get(word) ?? 0) + 1);
  return count;
}

/** Words whose marks in the result are not what the three documents ask for: a mark stays if both kept it, comes if either added it. */
export function wrongMarks(
  base: Content,
  ours: Content,
  theirs: Content,
  result: Content,
): readonly string[] {
  const [was, one, two, is] = [base, ours, theirs, result].map(marksByWord);
  return [...(is ?? [])].flatMap(([word, { marks, inCode }]) => {
    const [a, b, c] = [was, one, two].map((side) => side?.get(word)?.marks);
    const keys = new Set([...(a ?? []), ...(b ?? []), ...(c ?? []), ...marks]);
    // Code holds no marks, whoever made it code; of two links on one word only one can stay.
    if (inCode || [...keys].filter((key) => key.includes('"link"')).length > 1) return [];
    const right = [...keys].every((key) => marks.has(key) === wanted(a?.has(key), b?.has(key), c?.has(key)));
    return right ? [] : [word];
  });
}

/** Undefined where the document does not have the word at all. */
function wanted(was: boolean | undefined, one: boolean | undefined, two: boolean | undefined): boolean {
  if (was === undefined) return one ?? two ?? false;
  return was ? (one ?? true) && (two ?? true) : (one ?? false) || (two ?? false);
}

function marksByWord({ value }: Content) {
  const words = new Map<string, { marks: ReadonlySet<string>; inCode: boolean }>();
  const note = (document: Doc, inCode: boolean) => {
    for (const { word, marks } of wordsIn(document)) words.set(word, { marks: new Set(marks), inCode });
  };
  note(value as Doc, false);
  for (const { node } of spots(value as Doc, ({ type }) => type === 'code_block')) note(node, true);
  return words;
}

/** Blocks, told by their first word, of which an attribute is not what the one side that changed it set. */
export function wrongAttributes(
  base: Content,
  ours: Content,
  theirs: Content,
  result: Content,
): readonly string[] {
  const [was, one, two, is] = [base, ours, theirs, result].map(attrsByWord);
  return [...(was ?? [])].flatMap(([word, a]) => {
    const [b, c, d] = [one?.get(word), two?.get(word), is?.get(word)];
    if (b === undefined || c === undefined || d === undefined) return [];
    const keys = new Set([a, b, c, d].flatMap((attrs) => Object.keys(attrs)));
    const right = [...keys].every((key) => {
      const [before, x, y, now] = [a, b, c, d].map((attrs) => JSON.stringify(attrs[key] ?? null));
      return x === before ? now === y : now === x || (y !== before && now === y);
    });
    return right ? [] : [word];
  });
}

function attrsByWord({ value }: Content): ReadonlyMap<string, Record<string, unknown>> {
  const blocks = spots(value as Doc, (node) => node.content?.some(({ type }) => type === 'text') === true);
  return new Map(
    blocks.flatMap(({ node }) => {
      const words = wordsIn(node);
      return words.map(({ word }) => [word, { ...node.attrs, type: node.type }] as const);
    }),
  );
}
