import { tokenise } from '../tokens.ts';

const WORD = /^[\p{L}\p{N}_]/u;

/** A word as people count them; not a space, not punctuation. */
export function isWord(token: string): boolean {
  return WORD.test(token);
}

/** The words of a text, in order. */
export function wordsOf(text: string): readonly string[] {
  return tokenise(text).filter(isWord);
}

/** Words that follow each other; shorter runs repeat in any text. */
const RUN = 5;

/**
 * Whether a run of five words stands in the result more than once and more often than in either side: what a merge
 * looks like that took the same passage in twice.
 */
export function repeatsWords(
  result: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): boolean {
  const inResult = countRuns(result);
  if (inResult.size === Math.max(0, result.length - RUN + 1)) return false;
  const [inOurs, inTheirs] = [countRuns(ours), countRuns(theirs)];
  for (const [run, count] of inResult) {
    if (count > 1 && count > (inOurs.get(run) ?? 0) && count > (inTheirs.get(run) ?? 0)) return true;
  }
  return false;
}

function countRuns(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let end = RUN; end <= words.length; end++) {
    const run = words.slice(end - RUN, end).join(' ');
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}

/** The part of its words that a side must have lost for a person to look at the merge. */
const SHRANK = 0.6;

/** Whether a side lost so many of the words it began with that a whole save may have been cut short. */
export function sideShrank(base: number, side: number): boolean {
  return base > 0 && base - side >= base * SHRANK;
}

const ENDS_IN_WORD = /[\p{L}\p{N}\p{M}_]$/u;
const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Whether two tokens would run into one word if nothing stood between them. */
export function wantsSpaceBetween(one: string, two: string): boolean {
  if (!ENDS_IN_WORD.test(one) || !isWord(two)) return false;
  return !(SPACELESS.test(one) && SPACELESS.test(two));
}
