import { createInterner } from '../tokens.ts';

/** In scripts that write no space between words each character counts for one, as it does in `tokenise`. */
const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORDS = new RegExp(`${SPACELESS.source}\\p{M}*|[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_]*`, 'gu');
const STARTS_AS_WORD = /^[\p{L}\p{N}_]/u;
const ENDS_AS_WORD = /[\p{L}\p{N}\p{M}_]$/u;

/** Whether a token is a word as people count them; not a space, not punctuation. */
export function isWord(token: string): boolean {
  return STARTS_AS_WORD.test(token);
}

/** Whether two tokens would run into one word if nothing stood between them. */
export function wantsSpaceBetween(one: string, two: string): boolean {
  if (!ENDS_AS_WORD.test(one) || !isWord(two)) return false;
  return !(SPACELESS.test(one) && SPACELESS.test(two));
}

/** Gives the words of a text by number: equal words, equal numbers. */
export type WordReader = (text: string) => readonly number[];

/** A reader for the texts of one merge, most lines of which are the same in all of them. */
export function createWordReader(): WordReader {
  const intern = createInterner();
  const known = new Map<string, readonly number[]>();
  const wordsOfLine = (line: string) => {
    const words = known.get(line) ?? (line.match(WORDS) ?? []).map(intern);
    known.set(line, words);
    return words;
  };
  return (text) => text.split('\n').flatMap(wordsOfLine);
}

/** Words that follow each other; shorter runs repeat in any text. */
const RUN = 5;

/**
 * Whether a run of five words stands in the result more than once and more often than in either side: what a merge
 * looks like that took the same passage in twice.
 */
export function repeatsWords(
  result: readonly number[],
  ours: readonly number[],
  theirs: readonly number[],
): boolean {
  const inResult = countRuns(result);
  if (inResult.size === Math.max(0, result.length - RUN + 1)) return false;
  const [inOurs, inTheirs] = [countRuns(ours), countRuns(theirs)];
  for (const [run, count] of inResult) {
    if (count > 1 && count > (inOurs.get(run) ?? 0) && count > (inTheirs.get(run) ?? 0)) return true;
  }
  return false;
}

/** Runs by a number of 53 bits: two that share one by chance ask a person to look, no more. */
function countRuns(words: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (let end = RUN; end <= words.length; end++) {
    let [high, low] = [17, 29];
    for (let at = end - RUN; at < end; at++) {
      const word = words[at] ?? 0;
      high = Math.imul(high ^ word, 0x85ebca6b) ^ (high >>> 13);
      low = Math.imul(low ^ word, 0xc2b2ae35) ^ (low >>> 16);
    }
    const run = (high >>> 11) * 2 ** 32 + (low >>> 0);
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
