import { type Content, contentOf } from '../content.ts';
import { judgeMerge } from './judge.ts';
import type { Merge, MergeReason } from './merge.ts';
import { mergeQuill } from './merge-quill.ts';
import { mergeTokens } from './merge-tokens.ts';
import { compareTexts } from './text-changes.ts';
import { createLexicon, isWord, type Token, textOfTokens } from './text-tokens.ts';

/**
 * Merges two versions of a `text`, `markdown` or `quill` document that go back to one base: what either side inserted
 * is in the result, once; what either side deleted is not. Pure, and the same everywhere; near linear in the length.
 * @param ours comes first, and holds where both sides say something else of one thing
 */
export function mergeText(base: Content, ours: Content, theirs: Content): Merge {
  const lexicon = createLexicon();
  const [before, one, two] = [lexicon.read(base), lexicon.read(ours), lexicon.read(theirs)];
  const met = new Set<MergeReason>();
  const note = (reason: MergeReason) => met.add(reason);
  const sides = { base: before, ours: compareTexts(before, one), theirs: compareTexts(before, two) };
  const tokens = mergeTokens(sides, note);
  const value = ours.format === 'quill' ? mergeQuill(base, ours, theirs, tokens, note) : textOfTokens(tokens);
  const words = {
    base: wordIds(before),
    ours: wordIds(one),
    theirs: wordIds(two),
    result: wordIds(tokens),
  };
  return judgeMerge(contentOf(ours.format, value), words, met);
}

const wordIds = (tokens: readonly Token[]): readonly number[] => tokens.filter(isWord).map(({ id }) => id);
