import { insertConflict } from '../documents/conflicts.ts';
import { type KeptVersion, keepVersions } from '../documents/updates.ts';
import { type Content, writeLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** Two sides that were brought together, and what came of it. */
export interface Meeting {
  readonly document: string;
  readonly cohort: string;
  readonly origin: 'save' | 'push' | 'capture';
  readonly device: string | null;
  readonly class: 'clean' | 'notice' | 'needs-review';
  readonly reasons: readonly string[];
  readonly base: { readonly known: string; readonly content: Content | null };
  readonly ours: Content;
  readonly theirs: Content;
  readonly result: Content;
  /** Our number of the result. */
  readonly version: string;
}

/** Keeps what a person may want to look at: the base, both sides and the result. Nothing of a clean merge. */
export async function keepConflict(tx: Queryable, meeting: Meeting): Promise<string | null> {
  if (meeting.class === 'clean') return null;
  const { base, ours, theirs, result } = meeting;
  const contents = [ours, theirs, result, ...(base.content ? [base.content] : [])];
  const [keptOurs, keptTheirs, keptResult, keptBase] = await keepVersions(
    tx,
    contents.map(
      (content): KeptVersion => ({
        id: meeting.document,
        content: writeLegacy(content),
        legacyRevision: null,
        source: 'conflict',
        fingerprint: content.fingerprint,
        device: null,
      }),
    ),
  );
  return insertConflict(tx, {
    document: meeting.document,
    cohort: meeting.cohort,
    class: meeting.class,
    reasons: meeting.reasons,
    origin: meeting.origin,
    device: meeting.device,
    baseKnown: base.known,
    base: keptBase ?? null,
    ours: keptOurs ?? null,
    theirs: keptTheirs ?? null,
    result: keptResult ?? null,
    version: meeting.version,
  });
}
