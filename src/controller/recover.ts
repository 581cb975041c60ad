import { type ConflictSide, readConflictsOf } from '../documents/conflict-records.ts';
import { documentKey } from '../documents/document-key.ts';
import { type Kept, readKept } from '../documents/kept.ts';
import { readLinks } from '../documents/links.ts';
import { UsageError } from '../errors.ts';
import { type Recovered, recoverSide, recoverVersion } from '../evidence/recover.ts';
import { sayReason } from '../report/conflict-reasons.ts';
import type { Session } from '../rollout/session.ts';

/** What can be recovered of a document, without content. Times are ISO 8601, numbers of versions are strings. */
export interface KeptReport {
  readonly document: string;
  readonly deletedAt: string | null;
  /** The newest first. */
  readonly kept: readonly KeptLine[];
  readonly conflicts: readonly { readonly id: string; readonly at: string; readonly class: string }[];
}

export interface KeptLine extends Omit<Kept, 'at'> {
  readonly at: string;
  /** `apart` in plain words. */
  readonly because: string | null;
}

/** Exactly one of them says what is wanted; `side` is of a conflict. */
export interface RecoverOptions {
  readonly revision?: string | undefined;
  /** ISO 8601; without a zone it is UTC. */
  readonly at?: string | undefined;
  readonly conflict?: string | undefined;
  readonly side?: ConflictSide | undefined;
  readonly kept?: string | undefined;
}

/** A kept version. `text` is the content as the legacy column would hold it, or an update in base64. */
export type RecoverReport = Omit<Recovered, 'at'> & { readonly at: string };

/** What is kept of a document, which may be nothing. */
export async function listKept({ pool }: Session, document: string): Promise<KeptReport> {
  const id = documentKey(document);
  const [kept, [link], conflicts] = await Promise.all([
    readKept(pool, id),
    readLinks(pool, [id]),
    readConflictsOf(pool, id),
  ]);
  return {
    document,
    deletedAt: link?.deletedAt?.toISOString() ?? null,
    kept: kept.map(lineOf),
    conflicts: conflicts.map(({ id, at, class: kind }) => ({ id, at: at.toISOString(), class: kind })),
  };
}

const lineOf = (kept: Kept): KeptLine => ({
  ...kept,
  at: kept.at.toISOString(),
  because: kept.apart === null ? null : sayReason(kept.apart),
});

/**
 * One kept version of a document, living or deleted.
 * @throws UsageError `usage`, `not-kept`, `no-such-conflict`, `ambiguous-revision`
 */
export async function recover(
  { pool, stores }: Session,
  document: string,
  options: RecoverOptions,
): Promise<RecoverReport> {
  const recovered =
    options.conflict === undefined
      ? await recoverVersion(pool, stores, document, requestOf(options))
      : await recoverSide(pool, stores, document, options.conflict, options.side);
  return { ...recovered, at: recovered.at.toISOString() };
}

function requestOf({ revision, at, kept }: RecoverOptions) {
  if (revision !== undefined) return { revision: wholeNumber(revision) };
  return at !== undefined ? { at: timeOf(at) } : { key: kept ?? '' };
}

function wholeNumber(text: string): string {
  if (/^-?\d{1,18}$/.test(text)) return String(BigInt(text));
  throw new UsageError(
    'usage',
    '--revision is no whole number.',
    'Give the number of a revision, such as 12.',
  );
}

/** To the end of the second where a whole second is named: what was kept within it was kept then. */
function timeOf(text: string): Date {
  const zoned = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) || !/\d:\d\d/.test(text) ? text : `${text}Z`;
  const time = new Date(zoned);
  if (!Number.isNaN(time.getTime())) return /[.,]\d/.test(text) ? time : new Date(time.getTime() + 999);
  throw new UsageError(
    'usage',
    '--at is no time.',
    'Give it as ISO 8601, such as 2026-03-01T04:05:06Z; without a zone it is UTC.',
  );
}
