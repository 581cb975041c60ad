import type { ConflictRecord, Resolution } from '../documents/conflict-records.ts';
import { readSides, type Sides } from '../documents/sides.ts';
import type { Stores } from '../documents/stores.ts';
import { DualpathError, HeldError, UnconvertibleError } from '../errors.ts';
import { type Content, decodeState, readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { readConflictSides } from './conflict-sides.ts';
import { holdDocument, isSeeded, type LevelDocument } from './hold.ts';
import { planResolution, type ResolutionPlan } from './plan-resolution.ts';
import { behindSavepoint } from './second-store.ts';
import { writeForward } from './write-forward.ts';

/** What a resolution makes, or would make, of the document. */
export interface ForeseenResolution {
  readonly plan: ResolutionPlan;
  /** The document was written to since the conflict; that stays. */
  readonly writtenSince: boolean;
  /** Its row holds a write that was not taken in yet, which comes first. */
  readonly behind: boolean;
}

export interface AppliedResolution extends ForeseenResolution {
  /** The application's number of the document, or ours where it keeps none. */
  readonly revision: string | null;
}

type Side = Exclude<Resolution, 'merged'>;

/** Says what `applyResolution` would do, and locks and changes nothing. */
export async function foreseeResolution(
  db: Queryable,
  stores: Stores,
  conflict: ConflictRecord,
  keep: Side,
): Promise<ForeseenResolution> {
  const found = await readSides(db, stores, conflict.document, { lock: false, content: 'changed' });
  const sides = requireLevel(found, conflict);
  return { ...(await planFor(db, stores, conflict, keep, sides)), behind: isBehind(stores, sides) };
}

/**
 * Makes one side of a conflict the document, with what was written since, in the caller's transaction: both stores, the
 * raw update, the link and the receipt. What it replaces stays in the log.
 * @throws HeldError `deleted`, `quarantined`; DualpathError `history-missing`, `not-stored`
 */
export async function applyResolution(
  tx: Queryable,
  stores: Stores,
  conflict: ConflictRecord,
  keep: Side,
): Promise<AppliedResolution> {
  const sides = requireLevel(await holdDocument(tx, stores, conflict.document), conflict);
  const foreseen = { ...(await planFor(tx, stores, conflict, keep, sides)), behind: false };
  const { plan } = foreseen;
  const standing = stores.legacy.revision ? sides.link.legacyRevision : sides.link.version;
  if (plan.unchanged) return { ...foreseen, revision: standing };
  const written = await behindSavepoint(tx, () =>
    writeForward(tx, stores, sides, plan.target, {
      document: sides.key,
      kind: 'merge',
      outcome: 'resolved',
      words: plan.merge.words,
      class: plan.merge.class,
      conflict: conflict.id,
    }),
  );
  if ('refused' in written) throw notStored(conflict, written.refused.reason);
  return { ...foreseen, revision: written.done };
}

async function planFor(
  db: Queryable,
  stores: Stores,
  conflict: ConflictRecord,
  keep: Side,
  sides: LevelDocument,
): Promise<Pick<ForeseenResolution, 'plan' | 'writtenSince'>> {
  const { [keep]: chosen, result } = await readConflictSides(db, stores, conflict);
  if (chosen === null || result === null) throw sideMissing(conflict, keep);
  const head = decodeState(sides.state, stores.shape);
  return { plan: planResolution(result, head, chosen), writtenSince: differ(head, result) };
}

const differ = (one: Content, two: Content): boolean => one.canonical !== two.canonical;

/** Was the row written since it was linked, with another content? */
function isBehind(stores: Stores, { row, link }: LevelDocument): boolean {
  if (row.content === null) return false;
  try {
    const { fingerprint } = readLegacy(stores.shape.format, row.content);
    return Buffer.compare(fingerprint, link.rowFingerprint ?? link.fingerprint) !== 0;
  } catch (error) {
    if (error instanceof UnconvertibleError) return true;
    throw error;
  }
}

function requireLevel(sides: Sides, { id, document }: ConflictRecord): LevelDocument {
  if (isSeeded(sides)) return sides;
  const keep = `\`dualpath conflicts resolve ${id} --keep merged\` closes the conflict as it is.`;
  if (sides.row === null)
    throw new HeldError('deleted', 'The document was deleted, so no side can become it.', keep, {
      document,
      conflict: id,
    });
  throw new HeldError(
    'quarantined',
    'The document is held on legacy, so nothing is written to it.',
    `See why with \`dualpath quarantine list\`; ${keep}`,
    { document, conflict: id, reason: sides.held?.code ?? 'not-linked' },
  );
}

const sideMissing = ({ id, document }: ConflictRecord, keep: Side): HeldError =>
  new HeldError(
    'side-missing',
    `The conflict has no ${keep} side that could become the document.`,
    `Close it with \`dualpath conflicts resolve ${id} --keep merged\`.`,
    { document, conflict: id },
  );

const notStored = ({ id, document }: ConflictRecord, reason: string): DualpathError =>
  new DualpathError(
    'not-stored',
    `The document cannot be stored with that side. ${reason}`,
    `Nothing was changed; close the conflict as it is with \`dualpath conflicts resolve ${id} --keep merged\`.`,
    { details: { document, conflict: id }, exitCode: 2 },
  );
