import type { Comparison } from './compare.ts';

/** The exact pair a comparison looked at: it binds while all three stand. */
export interface Proof {
  readonly legacyXmin: string;
  readonly localXmin: string;
  readonly head: string;
}

/** What one look at one document saw. */
export interface Finding {
  readonly id: string;
  /** Where its link or quarantine counts it, else its live cohort; null when it is in none. */
  readonly cohort: string | null;
  readonly comparison: Comparison;
  /** What the look saw, to tell whether the pair moved since; null parts were not there. */
  readonly seen: { readonly [part in keyof Proof]: string | null };
  /** The linked content's number and the newest one counted as an observation; null without a link. */
  readonly version: string | null;
  readonly observed: string | null;
  /** A capture for it is not taken in yet. */
  readonly waiting: boolean;
  /**
   * Nothing of it is on its way: what differs, differs. Where the application writes both stores by itself, that takes a pair
   * of rows that was unchanged for `settle`; the library writes both in one transaction.
   */
  readonly still: boolean;
}

export function proofOf({ seen }: Finding): Proof | null {
  const { legacyXmin, localXmin, head } = seen;
  return legacyXmin !== null && localXmin !== null && head !== null ? { legacyXmin, localXmin, head } : null;
}

/** It differs, and no write of it is on its way. */
export const isMismatch = ({ comparison, still }: Finding): boolean =>
  comparison.result === 'mismatch' && still;

/** It differs, and one of its two writes may still be on its way: neither a match nor a mismatch. */
export const isMoving = ({ comparison, still }: Finding): boolean =>
  comparison.result === 'mismatch' && !still;

export const samePair = (a: Finding, b: Finding): boolean =>
  a.seen.legacyXmin === b.seen.legacyXmin &&
  a.seen.localXmin === b.seen.localXmin &&
  a.seen.head === b.seen.head;
