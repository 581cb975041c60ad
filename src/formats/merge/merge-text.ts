import { type Content, contentOf } from '../content.ts';
import type { Merge, MergeClass, MergeReason } from './merge.ts';
import { mergeQuill } from './merge-quill.ts';
import { mergeTokens } from './merge-tokens.ts';
import { reviewMovedWords } from './moved-words.ts';
import { hasRepeatedWords } from './repeated-words.ts';
import { compareTexts } from './text-changes.ts';
import { countWords, createLexicon, isWord, type Token, textOfTokens } from './text-tokens.ts';

/** A side that has lost this part of its words may be a broken client, and a person looks at it. */
const SHRANK_BY = 0.6;

/**
 * Merges two versions of a `text`, `markdown` or `quill` document that go back to one base: what either side inserted
 * is in the result, once; what either side deleted is not. Pure, and the same everywhere; near linear in the length.
 * @param ours comes first, and holds where both sides say something else of one thing
 */
export function mergeText(base: Content, ours: Content, theirs: Content): Merge {
  const lexicon = createLexicon();
  const [before, one, two] = [lexicon.read(base), lexicon.read(ours), lexicon.read(theirs)];
  const words = { base: countWords(before), ours: countWords(one), theirs: countWords(two) };
  if (ours.canonical === base.canonical || ours.canonical === theirs.canonical) {
    return { content: theirs, class: 'clean', reasons: [], words: { ...words, result: words.theirs } };
  }
  if (theirs.canonical === base.canonical) {
    return { content: ours, class: 'clean', reasons: [], words: { ...words, result: words.ours } };
  }
  const reasons = new Set<MergeReason>();
  const note = (reason: MergeReason) => reasons.add(reason);
  const sides = { base: before, ours: compareTexts(before, one), theirs: compareTexts(before, two) };
  const tokens = mergeTokens(sides, note);
  const shrunk = words.base * (1 - SHRANK_BY);
  if (words.base > 0 && Math.min(words.ours, words.theirs) <= shrunk) note('side-shrank');
  if (hasRepeatedWords(tokens, sides)) note('repeated-words');
  const ids = { base: wordIds(before), ours: wordIds(one), theirs: wordIds(two), result: wordIds(tokens) };
  for (const reason of reviewMovedWords(ids)) note(reason);
  const value = ours.format === 'quill' ? mergeQuill(base, ours, theirs, tokens, note) : textOfTokens(tokens);
  return {
    content: contentOf(ours.format, value),
    class: classOf(reasons),
    reasons: [...reasons].sort(),
    words: { ...words, result: countWords(tokens) },
  };
}

const wordIds = (tokens: readonly Token[]): readonly number[] => tokens.filter(isWord).map(({ id }) => id);

function classOf(reasons: ReadonlySet<MergeReason>): MergeClass {
  if (reasons.size === 0) return 'clean';
  return reasons.size === 1 && reasons.has('same-block') ? 'notice' : 'needs-review';
}
