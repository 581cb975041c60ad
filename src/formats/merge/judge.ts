import type { Content } from '../content.ts';
import type { Merge, MergeClass, MergeReason } from './merge.ts';
import { type MergeWords, reviewMovedWords } from './moved-words.ts';
import { repeatsWords, sideShrank } from './words.ts';

/**
 * A merge with its class: what was met while merging, and what the words tell.
 * @param met may name a reason more than once
 */
export function judgeMerge(content: Content, words: MergeWords, met: Iterable<MergeReason>): Merge {
  const reasons = new Set(met);
  const { base, ours, theirs, result } = words;
  if (repeatsWords(result, ours, theirs)) reasons.add('repeated-words');
  for (const reason of reviewMovedWords(words)) reasons.add(reason);
  if (sideShrank(base.length, ours.length) || sideShrank(base.length, theirs.length))
    reasons.add('side-shrank');
  const counts = {
    base: base.length,
    ours: ours.length,
    theirs: theirs.length,
    result: result.length,
  };
  return { content, class: classOf(reasons), reasons: [...reasons].sort(), words: counts };
}

function classOf(reasons: ReadonlySet<MergeReason>): MergeClass {
  if (reasons.size === 0) return 'clean';
  return reasons.size === 1 && reasons.has('same-block') ? 'notice' : 'needs-review';
}
