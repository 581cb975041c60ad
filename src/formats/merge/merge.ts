import type { Content } from '../content.ts';
import { plainText } from './block-texts.ts';
import { mergeProsemirror } from './merge-prosemirror.ts';
import { mergeText } from './merge-text.ts';
import { createWordReader } from './words.ts';

/** How much a person should look at a merge; the worst of its reasons. */
export type MergeClass = 'clean' | 'notice' | 'needs-review';

/** What a merge met. Only `same-block` is a notice; each other one asks for a review. */
export type MergeReason =
  | 'same-block'
  | 'both-rewrote'
  | 'same-gap'
  | 'edit-in-deleted'
  | 'attribute-clash'
  | 'type-clash'
  | 'both-moved'
  | 'deleted-stands'
  | 'repeated-words'
  | 'side-shrank';

/** What became of two changes of one content. */
export interface Merge {
  readonly content: Content;
  readonly class: MergeClass;
  /** Each once, sorted. */
  readonly reasons: readonly MergeReason[];
  /** Words of each content, by count. */
  readonly words: {
    readonly base: number;
    readonly ours: number;
    readonly theirs: number;
    readonly result: number;
  };
}

/**
 * Merges two contents that were made from a third: what either side inserted is in the result, what either side deleted is
 * not, and where that leaves a choice (both set one attribute) ours wins and a reason says so. Pure: the same three
 * contents give the same bytes everywhere. The three have one format.
 * @example merge3(base, ours, theirs).class === 'clean'
 * @throws UnconvertibleError `too-deep` if both sides nested what the other nested, past the depth that content may have
 */
export function merge3(base: Content, ours: Content, theirs: Content): Merge {
  if (theirs.canonical === base.canonical || theirs.canonical === ours.canonical) {
    return asItIs(base, ours, theirs, ours);
  }
  if (ours.canonical === base.canonical) return asItIs(base, ours, theirs, theirs);
  switch (base.format) {
    case 'prosemirror':
      return mergeProsemirror(base, ours, theirs);
    case 'markdown':
    case 'quill':
    case 'text':
      return mergeText(base, ours, theirs);
  }
}

/** Nothing met: one side did not change, or both made the same change. */
function asItIs(base: Content, ours: Content, theirs: Content, content: Content): Merge {
  const wordsOf = createWordReader();
  const count = (one: Content) => wordsOf(plainText(one)).length;
  const words = { base: count(base), ours: count(ours), theirs: count(theirs), result: count(content) };
  return { content, class: 'clean', reasons: [], words };
}
