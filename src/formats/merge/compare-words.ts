import { align } from '../align.ts';
import type { Content } from '../content.ts';
import { createInterner, tokenise } from '../tokens.ts';
import { plainText } from './block-texts.ts';
import { createWordReader } from './words.ts';

/** A stretch of two texts: both have it, or only the one after, or only the one before. */
export interface Stretch {
  readonly change: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** What leads from one text to another, by whole words. What was removed stands before what was added in its place. */
export function compareWords(before: string, after: string): readonly Stretch[] {
  const [one, two] = [tokenise(before), tokenise(after)];
  const intern = createInterner();
  const numbers = (tokens: readonly string[]) => tokens.map((token) => intern(token));
  const stretches: Stretch[] = [];
  let [removed, added, a, b] = ['', '', 0, 0];
  const flush = () => {
    if (removed !== '') stretches.push({ change: 'removed', text: removed });
    if (added !== '') stretches.push({ change: 'added', text: added });
    [removed, added] = ['', ''];
  };
  const end = { a: one.length, b: two.length, length: 0 };
  for (const match of [...align(numbers(one), numbers(two)), end]) {
    removed += one.slice(a, match.a).join('');
    added += two.slice(b, match.b).join('');
    [a, b] = [match.a + match.length, match.b + match.length];
    const same = one.slice(match.a, a).join('');
    // A space alone between two changed words makes them no two changes.
    if (same.trim() === '' && (removed !== '' || added !== '') && match !== end && a < one.length) {
      [removed, added] = [removed + same, added + same];
      continue;
    }
    flush();
    if (same !== '') stretches.push({ change: 'same', text: same });
  }
  flush();
  return stretches;
}

/** Words of the one content that the other lacks, and the other way round. */
export function countChangedWords(
  before: Content,
  after: Content,
): { readonly added: number; readonly removed: number } {
  const wordsOf = createWordReader();
  const [one, two] = [wordsOf(plainText(before)), wordsOf(plainText(after))];
  const same = align(one, two).reduce((sum, { length }) => sum + length, 0);
  return { added: two.length - same, removed: one.length - same };
}

/** Words of a content, as people count them. */
export const countWords = (content: Content): number => createWordReader()(plainText(content)).length;
