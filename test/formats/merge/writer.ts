import { randomFrom } from '../../support/random.ts';
import type { Doc } from './tree.ts';

/**
 * Somebody who edits documents. It names every word anew, and keeps book of what it inserted and deleted itself, so that
 * what must be in a merge and what must not is known without looking at the merge.
 */
export interface Writer {
  readonly random: () => number;
  readonly inserted: Set<string>;
  readonly deleted: Set<string>;
  /** A word that no one else ever writes. */
  readonly newWord: () => string;
  readonly pick: <T>(items: readonly T[]) => T | undefined;
  /** A whole number from 0 up to, and without, `below`. */
  readonly below: (below: number) => number;
  readonly forget: (words: Iterable<string>) => void;
}

/** @param name starts each word that the writer inserts */
export function createWriter(name: string, seed: number): Writer {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const [inserted, deleted] = [new Set<string>(), new Set<string>()];
  let count = 0;
  return {
    random,
    inserted,
    deleted,
    below,
    newWord: () => {
      count += 1;
      const word = `${name}${count}`;
      inserted.add(word);
      return word;
    },
    pick: (items) => items[below(items.length)],
    forget: (words) => {
      for (const word of words) deleted.add(word);
    },
  };
}

/** One kind of edit; gives false where the document has no place for it. */
export type Edit = (document: Doc, writer: Writer) => boolean;
