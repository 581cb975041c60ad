import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { FlagClient } from './owner-flags.ts';
import type { RecentStates } from './recent-states.ts';

/** What every call of the document store works with, opened once. */
export interface StoreContext {
  readonly pool: Pool;
  readonly stores: Stores;
  /** Keys the fingerprints of receipts. */
  readonly receiptKey: Uint8Array;
  /** Documents seen to be seeded, which they stay: they need not be asked about first. */
  readonly linked: RecentSet;
  readonly recent: RecentStates;
  /** The application leaves its writing to the library. */
  readonly writes: boolean;
  /** Answers which path a document's owner takes; without it the stage does. */
  readonly flags: FlagClient | undefined;
}

/** The texts that were added last, up to a number. */
export interface RecentSet {
  has(text: string): boolean;
  add(text: string): void;
}

export function createRecentSet(most: number): RecentSet {
  const known = new Set<string>();
  return {
    has: (text) => known.has(text),
    add(text) {
      if (known.has(text)) return;
      const [oldest] = known;
      if (known.size >= most && oldest !== undefined) known.delete(oldest);
      known.add(text);
    },
  };
}

/** A call's own place to write: the caller's transaction, which it commits, or one of our own. */
export interface CallOptions {
  /** Anything with pg's `query(text, values)`, inside a transaction of the caller's. */
  readonly tx?: Queryable;
}
