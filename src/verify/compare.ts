import { DualpathError } from '../errors.ts';
import type { Content } from '../formats/index.ts';

/** How the two sides of a document can differ; the words of the contract. */
export const MISMATCH_CLASSES = [
  'missing',
  'extra',
  'content',
  'revision',
  'undecodable',
  'doubled',
  'stale',
] as const;
export type MismatchClass = (typeof MISMATCH_CLASSES)[number];

/** A side read with its own decoder: the content, or why it could not be read. */
export type Reading = { readonly content: Content } | { readonly unreadable: string };

/** Everything a comparison looks at, as one snapshot had it. A side that is not there is null. */
export interface Pair {
  readonly legacy: { readonly reading: Reading; readonly revision: string | null } | null;
  readonly link: {
    readonly fingerprint: Uint8Array;
    readonly legacyRevision: string | null;
    readonly headHash: Uint8Array;
    readonly deleted: boolean;
    /** What the row was left with when the mirror stopped; null: it is mirrored. */
    readonly leftRow: Uint8Array | null;
  } | null;
  readonly localFirst: {
    readonly reading: Reading;
    /** SHA-256 of the state's bytes. */
    readonly hash: Uint8Array;
    /** How many registered seeds the state holds. */
    readonly seeds: number;
  } | null;
  readonly quarantined: boolean;
  /** Where the application writes both sides: the one that was written less often since they were equal. */
  readonly behind: 'legacy' | 'local-first' | null;
}

/** `absent`: deleted, or never there; it counts nowhere. */
export type Comparison =
  | { readonly result: 'match' }
  | { readonly result: 'quarantined' }
  | { readonly result: 'absent' }
  | { readonly result: 'mismatch'; readonly class: MismatchClass; readonly detail: string };

/**
 * Compares both sides of one document, each read with its own decoder. The order decides which class a document with
 * several faults gets, the gravest first: a side that is not there, a state that cannot be read, one that holds two
 * seeds, other content, and last contents that are equal under a link that says otherwise.
 * Details name places and sizes, never content.
 */
export function compare(pair: Pair): Comparison {
  const { legacy, link, localFirst } = pair;
  if (legacy === null) return compareWithoutRow(pair);
  if (pair.quarantined) return { result: 'quarantined' };
  if (link === null)
    return localFirst === null
      ? mismatch('missing', 'the member document was never seeded')
      : mismatch('extra', 'there is a local-first row that dualpath did not write');
  if (link.deleted) return mismatch('missing', 'the legacy row was created again and is not taken in yet');
  if (localFirst === null) return mismatch('missing', 'the local-first row is gone');
  if ('unreadable' in localFirst.reading) return mismatch('undecodable', localFirst.reading.unreadable);
  if (localFirst.seeds > 1) return mismatch('doubled', `the state holds ${localFirst.seeds} seeds`);
  if ('unreadable' in legacy.reading)
    return mismatch(
      'stale',
      `the legacy row moved on to what does not convert: ${legacy.reading.unreadable}`,
    );
  return compareContents(legacy.reading.content, localFirst.reading.content, pair);
}

export function compareWithoutRow({ link, localFirst }: Pair): Comparison {
  if (link !== null && !link.deleted) return mismatch('extra', 'the legacy row is gone and not taken in yet');
  if (link === null && localFirst !== null)
    return mismatch('extra', 'there is a local-first row with neither a legacy row nor a link');
  return { result: 'absent' };
}

function compareContents(row: Content, head: Content, { legacy, link, localFirst }: Pair): Comparison {
  if (legacy === null || link === null || localFirst === null) return { result: 'absent' };
  if (link.leftRow !== null) return compareLeft(row, head, link.leftRow, { link, localFirst });
  if (row.canonical !== head.canonical) {
    if (!equalBytes(row.fingerprint, link.fingerprint) && equalBytes(head.fingerprint, link.fingerprint))
      return mismatch('stale', 'the legacy row is newer than what the local-first side was last linked to');
    return mismatch('content', whereTheyPart(row.canonical, head.canonical));
  }
  if (!equalBytes(row.fingerprint, link.fingerprint))
    return mismatch('revision', 'both sides are equal, and the link records another content');
  if (legacy.revision !== link.legacyRevision)
    return mismatch(
      'revision',
      `both sides are equal; the legacy row bears revision ${legacy.revision ?? 'none'}, the link ${link.legacyRevision ?? 'none'}`,
    );
  if (!equalBytes(localFirst.hash, link.headHash))
    return mismatch('revision', 'both sides are equal, and the state is not the one dualpath last wrote');
  return { result: 'match' };
}

/** After the mirror has stopped each side is what its own record says; they are not each other's any more. */
function compareLeft(
  row: Content,
  head: Content,
  leftRow: Uint8Array,
  {
    link,
    localFirst,
  }: { readonly link: NonNullable<Pair['link']>; readonly localFirst: { readonly hash: Uint8Array } },
): Comparison {
  if (!equalBytes(row.fingerprint, leftRow))
    return mismatch(
      'stale',
      'the legacy row was written after its cohort was completed and is not taken in yet',
    );
  if (!equalBytes(head.fingerprint, link.fingerprint))
    return mismatch('content', 'the state is not the content that its link records');
  if (!equalBytes(localFirst.hash, link.headHash))
    return mismatch('revision', 'the state is not the one dualpath last wrote');
  return { result: 'match' };
}

export function whereTheyPart(row: string, head: string): string {
  const shorter = Math.min(row.length, head.length);
  let at = 0;
  while (at < shorter && row.charCodeAt(at) === head.charCodeAt(at)) at += 1;
  return `the canonical forms part at character ${at + 1}: ${row.length} in the legacy row, ${head.length} in the state`;
}

export const mismatch = (kind: MismatchClass, detail: string): Comparison => ({
  result: 'mismatch',
  class: kind,
  detail,
});

/** Reads a side; what the decoder says about bad bytes is kept only when it is ours and so holds no content. */
export function reading(decode: () => Content): Reading {
  try {
    return { content: decode() };
  } catch (error) {
    return { unreadable: error instanceof DualpathError ? error.code : 'the bytes cannot be read' };
  }
}

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
