import { TWICE } from '../documents/links.ts';
import { type Content, repeats } from '../formats/index.ts';
import {
  type Comparison,
  compareWithoutRow,
  equalBytes,
  mismatch,
  type Pair,
  whereTheyPart,
} from './compare.ts';

/**
 * Compares both sides where the application writes them by itself. The link says what both held last, so that of two
 * contents the one that stands still is told from the one that moved on.
 */
export function comparePaired(pair: Pair): Comparison {
  const { legacy, link, localFirst } = pair;
  if (legacy === null) return compareWithoutRow(pair);
  if (pair.quarantined) return { result: 'quarantined' };
  if (link === null || link.deleted) return mismatch('missing', 'the member document is not taken in yet');
  if (localFirst === null) return mismatch('missing', 'there is no local-first row');
  if ('unreadable' in localFirst.reading) return mismatch('undecodable', localFirst.reading.unreadable);
  if (localFirst.seeds > 1) return mismatch('doubled', `the state holds ${localFirst.seeds} seeds`);
  if ('unreadable' in legacy.reading)
    return mismatch(
      'stale',
      `the legacy row moved on to what does not convert: ${legacy.reading.unreadable}`,
    );
  // The cohort is completed: the row is written no more, and the state is the application's alone.
  if (link.leftRow !== null) return { result: 'match' };
  return comparePresent(legacy.reading.content, localFirst.reading.content, {
    link,
    revision: legacy.revision,
    hash: localFirst.hash,
    behind: pair.behind,
  });
}

function comparePresent(
  row: Content,
  head: Content,
  {
    link,
    revision,
    hash,
    behind,
  }: {
    readonly link: NonNullable<Pair['link']>;
    readonly revision: string | null;
    readonly hash: Uint8Array;
    readonly behind: Pair['behind'];
  },
): Comparison {
  if (!equalBytes(row.fingerprint, head.fingerprint)) {
    if (repeats(head, row)) return mismatch('doubled', `the state holds what the row holds, and once more`);
    if (repeats(row, head)) return mismatch('doubled', `the row holds what the state holds, and once more`);
    if (equalBytes(head.fingerprint, link.fingerprint)) return STATE_IS_BEHIND;
    if (equalBytes(row.fingerprint, link.fingerprint)) return ROW_IS_BEHIND;
    if (behind !== null) return behind === 'legacy' ? ROW_IS_BEHIND : STATE_IS_BEHIND;
    return mismatch('content', whereTheyPart(row.canonical, head.canonical));
  }
  if (equalBytes(link.fingerprint, TWICE))
    return mismatch('doubled', 'both sides hold twice what both held before');
  const linked =
    equalBytes(row.fingerprint, link.fingerprint) &&
    equalBytes(hash, link.headHash) &&
    revision === link.legacyRevision;
  return linked
    ? { result: 'match' }
    : mismatch('revision', 'both sides are equal, and were written since they were linked');
}

const STATE_IS_BEHIND = mismatch(
  'stale',
  'the legacy row moved on, and the local-first state missed a write',
);
const ROW_IS_BEHIND = mismatch('stale', 'the local-first state moved on, and the legacy row missed a write');
