import type { LegacyRow } from '../documents/legacy.ts';
import type { Link } from '../documents/links.ts';
import type { Held } from '../documents/quarantine.ts';

/** Everything that is known of a document while its locks are held, before its content is read. */
export interface Situation {
  /** Null: deleted, or outside `where`. */
  readonly row: LegacyRow | null;
  readonly link: Link | null;
  readonly held: Held | null;
  /** Its row was seen to go, so the row that is there is a new one. */
  readonly wasGone: boolean;
  readonly started: ReadonlySet<string>;
}

export type Decision =
  /** Not ours to touch. */
  | { readonly kind: 'nothing' }
  /** It left every started cohort, or its row is gone, before it was ever seeded. */
  | { readonly kind: 'release' }
  | { readonly kind: 'bury' }
  /** This very row was tried and does not convert. */
  | { readonly kind: 'hold'; readonly cohort: string }
  | { readonly kind: 'seed'; readonly row: LegacyRow; readonly cohort: string }
  /** Another owner created it again under its id: nothing of the earlier life may come back. */
  | { readonly kind: 'reseed'; readonly row: LegacyRow; readonly link: Link; readonly cohort: string }
  /** Compare the row with the linked content, and bring the head forward where they differ. */
  | { readonly kind: 'compare'; readonly row: LegacyRow; readonly link: Link; readonly cohort: string };

/** These depend on the local-first row, so an unchanged legacy row is no reason to leave them. */
export const HEAD_CODES: ReadonlySet<string> = new Set([
  'head-moved',
  'state-missing',
  'foreign-state',
  'not-insertable',
]);

export function decide(situation: Situation): Decision {
  const { row, link, held, started } = situation;
  if (row === null) return decideAbsent(link, held);
  const live = row.cohort !== null && started.has(row.cohort) ? row.cohort : null;
  return link === null ? decideUnlinked(row, live, held) : decideLinked(row, link, live, situation);
}

function decideAbsent(link: Link | null, held: Held | null): Decision {
  if (link && link.deletedAt === null) return { kind: 'bury' };
  return held ? { kind: 'release' } : { kind: 'nothing' };
}

function decideUnlinked(row: LegacyRow, live: string | null, held: Held | null): Decision {
  if (live === null) return held ? { kind: 'release' } : { kind: 'nothing' };
  return triedBefore(row, held) ? { kind: 'hold', cohort: live } : { kind: 'seed', row, cohort: live };
}

function decideLinked(
  row: LegacyRow,
  link: Link,
  live: string | null,
  { held, wasGone }: Situation,
): Decision {
  // Whoever enters a cohort that has not started keeps authority and lineage where they are.
  const cohort = live ?? link.cohort;
  if (triedBefore(row, held)) return { kind: 'hold', cohort };
  const reborn = (link.deletedAt !== null || wasGone) && row.owner !== link.owner;
  return { kind: reborn ? 'reseed' : 'compare', row, link, cohort };
}

const triedBefore = (row: LegacyRow, held: Held | null): boolean =>
  held !== null && held.legacyXmin === row.xmin && !HEAD_CODES.has(held.code);
