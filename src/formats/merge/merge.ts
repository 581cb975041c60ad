import type { Content } from '../content.ts';
import { mergeProsemirror } from './merge-prosemirror.ts';

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
 * Merges two contents that were made from a third: what either side inserted is in the result, what either side
 * deleted is not. Pure: the same three contents give the same bytes everywhere.
 */
export function merge3(base: Content, ours: Content, theirs: Content): Merge {
  switch (base.format) {
    case 'prosemirror':
      return mergeProsemirror(base, ours, theirs);
    default:
      throw new TypeError(`There is no merge of ${base.format} yet.`);
  }
}

/** The class that follows from the reasons. */
export function classOf(reasons: readonly MergeReason[]): MergeClass {
  if (reasons.length === 0) return 'clean';
  return reasons.every((reason) => reason === 'same-block') ? 'notice' : 'needs-review';
}
