import { type Content, countChangedWords, countWords, type Merge, merge3 } from '../formats/index.ts';

/** What becomes of a document when one side of a conflict is to stand, before anything is written. */
export interface ResolutionPlan {
  readonly target: Content;
  /** Nothing is to be written: the document holds it already. */
  readonly unchanged: boolean;
  /** Of the document against what it is now. */
  readonly words: {
    readonly before: number;
    readonly after: number;
    readonly added: number;
    readonly removed: number;
  };
  /** How the chosen side and what was written since the conflict met. */
  readonly merge: Merge;
}

/**
 * The chosen side in place of the conflict's result, with what was written to the document since: a forward change, never
 * a way back. With nothing written since it is the chosen side itself.
 * @param result what the conflict left as the document
 * @param head what the document is now
 */
export function planResolution(result: Content, head: Content, chosen: Content): ResolutionPlan {
  const merge = merge3(result, head, chosen);
  const target = merge.content;
  return {
    target,
    unchanged: target.canonical === head.canonical,
    words: { before: countWords(head), after: countWords(target), ...countChangedWords(head, target) },
    merge,
  };
}
