import type { Content } from '../content.ts';
import type { Merge, MergeClass, MergeReason } from './merge.ts';
import { reviewMovedWords } from './moved-words.ts';
import { createWordReader, repeatsWords, sideShrank } from './words.ts';

/** The text of the four contents of a merge, for counting. */
export interface MergeTexts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly result: string;
}

/**
 * A merge with its class: what was met while merging, and what the words tell.
 * @param met may name a reason more than once
 */
export function judgeMerge(content: Content, texts: MergeTexts, met: Iterable<MergeReason>): Merge {
  const reasons = new Set(met);
  const wordsOf = createWordReader();
  const [ours, theirs, result] = [wordsOf(texts.ours), wordsOf(texts.theirs), wordsOf(texts.result)];
  const before = wordsOf(texts.base);
  const base = before.length;
  for (const reason of reviewMovedWords({ base: before, ours, theirs, result })) reasons.add(reason);
  if (repeatsWords(result, ours, theirs)) reasons.add('repeated-words');
  if (sideShrank(base, ours.length) || sideShrank(base, theirs.length)) reasons.add('side-shrank');
  const words = { base, ours: ours.length, theirs: theirs.length, result: result.length };
  return { content, class: classOf(reasons), reasons: [...reasons].sort(), words };
}

function classOf(reasons: ReadonlySet<MergeReason>): MergeClass {
  if (reasons.size === 0) return 'clean';
  return reasons.size === 1 && reasons.has('same-block') ? 'notice' : 'needs-review';
}
