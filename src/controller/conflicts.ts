import { shellWord } from '../core/shell-word.ts';
import { type ConflictRecord, closeConflict, type Resolution } from '../documents/conflict-records.ts';
import { HeldError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { requireConflict } from '../report/conflict.ts';
import { sayReason } from '../report/conflict-reasons.ts';
import type { Session } from '../rollout/session.ts';
import {
  type AppliedResolution,
  applyResolution,
  type ForeseenResolution,
  foreseeResolution,
} from '../write-path/resolve.ts';
import { transact } from '../write-path/transact.ts';

/** What a resolution did, or with `dryRun` would do. */
export interface ResolveReport {
  readonly conflict: string;
  readonly document: string;
  readonly cohort: string;
  readonly keep: Resolution;
  readonly dryRun: boolean;
  /** The document was, or would be, changed. */
  readonly changes: boolean;
  /** The document's number afterwards; null: nothing was written. */
  readonly revision: string | null;
  /** Of the document; null with `merged`, which leaves it as it is. */
  readonly words: {
    readonly before: number;
    readonly after: number;
    readonly added: number;
    readonly removed: number;
  } | null;
  /** It was written to since the conflict: that stays. */
  readonly writtenSince: boolean;
  /** With `dryRun`: its row holds a write that would be taken in first. */
  readonly behind: boolean;
  /** Where the chosen side met what was written since: worth a look. In plain words. */
  readonly met: readonly string[];
}

/**
 * Closes a conflict. `merged` leaves the document as it is; `local-first` and `legacy` make that side the document by a
 * forward change that keeps what was written since.
 * @throws UsageError `no-such-conflict`; HeldError `already-resolved`, `nothing-to-choose`, `deleted`, `quarantined`
 */
export async function resolveConflict(
  session: Session,
  id: string,
  keep: Resolution,
  dryRun: boolean,
): Promise<ResolveReport> {
  const { pool, stores } = session;
  const conflict = await requireConflict(pool, id);
  refuseResolved(conflict);
  if (keep !== 'merged' && conflict.class === 'quarantine') throw nothingToChoose(conflict);
  const report = reportOf(conflict, keep, dryRun);
  if (dryRun)
    return keep === 'merged' ? report() : report(await foreseeResolution(pool, stores, conflict, keep));
  return transact(session, {}, false, async (tx) => {
    const applied = keep === 'merged' ? null : await applyResolution(tx, stores, conflict, keep);
    await close(tx, session, conflict, keep, applied);
    return applied === null ? report() : report(applied, applied.plan.unchanged ? null : applied.revision);
  });
}

/** The conflict's row is the last lock taken, as everywhere; who comes second finds it closed and undoes its own change. */
async function close(
  tx: Queryable,
  { operator }: Session,
  conflict: ConflictRecord,
  keep: Resolution,
  applied: AppliedResolution | null,
): Promise<void> {
  if (!(await closeConflict(tx, conflict.id, keep, operator.name)))
    refuseResolved(await requireConflict(tx, conflict.id));
  const { added = 0, removed = 0 } = applied?.plan.words ?? {};
  await appendJournal(tx, operator, 'conflict-resolved', conflict.cohort, {
    conflict: conflict.id,
    document: conflict.document,
    keep,
    added,
    removed,
  });
}

const reportOf =
  ({ id, document, cohort }: ConflictRecord, keep: Resolution, dryRun: boolean) =>
  (foreseen?: ForeseenResolution, revision: string | null = null): ResolveReport => ({
    conflict: id,
    document,
    cohort,
    keep,
    dryRun,
    changes: foreseen !== undefined && !foreseen.plan.unchanged,
    revision,
    words: foreseen?.plan.words ?? null,
    writtenSince: foreseen?.writtenSince ?? false,
    behind: foreseen?.behind ?? false,
    met: (foreseen?.plan.merge.reasons ?? []).map(sayReason),
  });

function refuseResolved({ id, document, resolvedAt, resolvedBy, resolution }: ConflictRecord): void {
  if (resolvedAt === null) return;
  throw new HeldError(
    'already-resolved',
    `Conflict ${id} was resolved before: ${resolvedBy} kept ${resolution} at ${resolvedAt.toISOString()}.`,
    `The side that did not win is printed by \`dualpath recover ${shellWord(document)} --conflict ${id}\`.`,
    { conflict: id, keep: resolution, by: resolvedBy, at: resolvedAt.toISOString() },
  );
}

const nothingToChoose = ({ id, document }: ConflictRecord): HeldError =>
  new HeldError(
    'nothing-to-choose',
    'The update was never merged, so there are no sides to choose between.',
    `Read what it holds with \`dualpath recover ${shellWord(document)} --conflict ${id}\`, then close it with \`dualpath conflicts resolve ${id} --keep merged\`.`,
    { conflict: id, document },
  );
