import { align } from '../align.ts';
import { type Content, contentOf } from '../content.ts';
import type { JsonObject } from '../json.ts';
import { createInterner } from '../tokens.ts';
import { classOf, type Merge, type MergeReason } from './merge.ts';
import { wordsOf } from './words.ts';

/** Merges two changes of a ProseMirror document. */
export function mergeProsemirror(base: Content, ours: Content, theirs: Content): Merge {
  const reasons: MergeReason[] = [];
  const content = contentOf('prosemirror', merged(base, ours, theirs, reasons));
  const count = ({ value }: Content) => wordsOf(JSON.stringify(value)).length;
  return {
    content,
    class: classOf(reasons),
    reasons,
    words: { base: count(base), ours: count(ours), theirs: count(theirs), result: count(content) },
  };
}

function merged(base: Content, ours: Content, theirs: Content, reasons: MergeReason[]): unknown {
  if (ours.canonical === base.canonical || ours.canonical === theirs.canonical) return theirs.value;
  if (theirs.canonical === base.canonical) return ours.value;
  const intern = createInterner();
  const children = ({ value }: Content) => ((value as JsonObject).content ?? []) as readonly JsonObject[];
  const keys = (content: Content) => children(content).map((child) => intern(JSON.stringify(child)));
  const [one, two] = [ours, theirs].map((side) => {
    const gaps = new Map<number, JsonObject[]>();
    const kept = new Set<number>();
    let [at, last] = [0, -1];
    const take = (until: number) => {
      for (; at < until; at++)
        gaps.set(last, [...(gaps.get(last) ?? []), ...children(side).slice(at, at + 1)]);
    };
    for (const match of align(keys(base), keys(side))) {
      take(match.b);
      for (let i = 0; i < match.length; i++) kept.add(match.a + i);
      at = match.b + match.length;
      last = match.a + match.length - 1;
    }
    take(children(side).length);
    return { gaps, kept };
  });
  const out: JsonObject[] = [];
  for (let index = -1; index < children(base).length; index++) {
    if (one?.kept.has(index) && two?.kept.has(index)) out.push(...children(base).slice(index, index + 1));
    const [a, b] = [one?.gaps.get(index) ?? [], two?.gaps.get(index) ?? []];
    if (a.length > 0 && b.length > 0) reasons.push('same-gap');
    out.push(...a, ...(JSON.stringify(a) === JSON.stringify(b) ? [] : b));
  }
  return { ...(ours.value as JsonObject), content: out };
}
