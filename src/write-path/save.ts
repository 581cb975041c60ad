import { documentKey } from '../documents/document-key.ts';
import { writeLegacyContent } from '../documents/legacy-write.ts';
import { keyedFingerprint, type Receipt, writeReceipt } from '../documents/receipts.ts';
import { type SavedBefore, savedBefore } from '../documents/saved-before.ts';
import { readSides, type Sides } from '../documents/sides.ts';
import type { Stores } from '../documents/stores.ts';
import { DualpathError, type UnconvertibleError } from '../errors.ts';
import { type Content, decodeState } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Attempt, newAttempt, noteFailure, onLegacyPath } from './attempt.ts';
import { type Base, baseOfSave } from './base.ts';
import type { CallOptions, StoreContext } from './context.ts';
import type { SaveInput, SaveResult } from './document-store-types.ts';
import { holdDocument, isSeeded, type LevelDocument } from './hold.ts';
import { keepSent } from './keep-sent.ts';
import { meanwhile } from './meanwhile.ts';
import { requireThere } from './missing-document.ts';
import { planSave } from './plan-save.ts';
import { editorValue, numberOf, revisionOf } from './results.ts';
import { saveUnenrolled } from './save-unenrolled.ts';
import { readSent, type Sent } from './sent-content.ts';
import { takeInOrHold } from './take-in-or-hold.ts';
import { transact } from './transact.ts';
import { writeSave } from './write-save.ts';

/**
 * Takes in a whole document as a legacy client sends it. The legacy row, the Yjs state, the raw update, the link between
 * them and the receipt are one transaction. What other clients wrote since the save's base is merged with it.
 *
 * @throws DualpathError `not-found`, `deleted`, `invalid-content` (it can never be stored, or does not convert while
 *   local-first is right: it is kept), `locked`, `unavailable`
 */
export async function save(
  context: StoreContext,
  input: SaveInput,
  options: CallOptions = {},
): Promise<SaveResult> {
  const read = () => readSent(context.stores.shape.format, input.content);
  const attempt = newAttempt(options);
  try {
    const alone = await saveUnenrolled(context, input, read, options);
    if (alone) return alone;
    return await transact(
      context,
      options,
      input.saveId !== undefined,
      (tx) => saveHeld(context, tx, input, read, attempt),
      attempt,
    );
  } catch (thrown) {
    const error = asContentError(thrown, input.id);
    await noteFailure(context, options, attempt, { kind: 'save', ...input }, error);
    const reason = reasonToKeep(error);
    if (reason !== null)
      await keepSent(context, options, {
        document: documentKey(input.id),
        device: input.deviceId ?? null,
        kind: 'save',
        reason,
        payload: Buffer.from(read().raw, 'utf8'),
        isWork: true,
      });
    throw error;
  }
}

/** Not valid as the column's type, or with U+0000 or half a pair in it: no store can hold it. */
const NOT_STORABLE = ['22P02', '22P05', '22021', '22032'];

/** What the database has against the content itself is the sender's to mend, and says nothing of the write paths. */
function asContentError(error: unknown, id: string): unknown {
  const state = error instanceof DualpathError && error.code === 'not-stored' ? error.details.sqlState : null;
  if (typeof state !== 'string' || !NOT_STORABLE.includes(state)) return error;
  return new DualpathError(
    'invalid-content',
    `The content can never be stored: the content column refuses it (SQLSTATE ${state}).`,
    'Send what the editor shows: valid JSON for prosemirror and quill, text without U+0000 and without half a surrogate pair.',
    { details: { document: id, sqlState: state }, exitCode: 2 },
  );
}

async function saveHeld(
  context: StoreContext,
  tx: Queryable,
  input: SaveInput,
  read: () => Sent,
  attempt: Attempt,
): Promise<SaveResult> {
  const { stores } = context;
  attempt.path = 'local-first';
  const [found, reading] = await meanwhile(() => holdDocument(tx, stores, input.id, context.recent), read);
  const sent = reading();
  const sides = requireThere(found, input.id);
  if (sides.link) context.linked.add(input.id);
  const receipt = receiptOf(context, sides, input, sent);
  const before = await savedBefore(tx, sides.key, receipt);
  if (before) return duplicate(context, tx, sides, input.id, before);
  if (!isSeeded(sides)) return saveLegacyAlone(context, tx, sides, input, sent, receipt, attempt);
  if ('content' in sent) return saveBoth(context, tx, sides, input, sent.content, receipt, attempt);
  if (sides.link.authority === 'local-first') throw refused(sides, sent.refusal);
  return saveLegacyAlone(context, tx, sides, input, sent, receipt, attempt);
}

/** Both stores: decided by the base, written as one. */
async function saveBoth(
  context: StoreContext,
  tx: Queryable,
  sides: LevelDocument,
  input: SaveInput,
  content: Content,
  receipt: Receipt,
  attempt: Attempt,
): Promise<SaveResult> {
  const { stores } = context;
  const startedAt = performance.now();
  const base = await baseOfSave(tx, stores, sides.link, content, input);
  const plan = planSave(sides.link, content, base, () => headOf(context, sides));
  if (plan.kind === 'unchanged')
    return unchanged(context, tx, sides, plan.version, { ...receipt, ...baseOf(base) });
  return writeSave(context, tx, {
    sides,
    input,
    sent: content,
    base,
    plan,
    receipt: { ...receipt, ...baseOf(base) },
    planningMs: performance.now() - startedAt,
    attempt,
  });
}

const baseOf = (base: Base): Pick<Receipt, 'base' | 'baseKnown'> => ({
  base: base.known === 'missing' ? null : base.version,
  baseKnown: base.known,
});

function headOf({ stores }: StoreContext, { state }: LevelDocument): Content {
  return decodeState(state, stores.shape);
}

async function unchanged(
  { stores }: StoreContext,
  tx: Queryable,
  sides: LevelDocument,
  version: string,
  receipt: Receipt,
): Promise<SaveResult> {
  const revision = await revisionOf(tx, stores, sides.link, version);
  await writeReceipt(tx, { ...receipt, outcome: 'unchanged', version, revision });
  return {
    revision: numberOf(revision),
    head: await headNow(tx, stores, sides),
    outcome: 'unchanged',
  };
}

async function headNow(
  tx: Queryable,
  stores: Stores,
  { link, state }: LevelDocument,
): Promise<SaveResult['head']> {
  return {
    revision: numberOf(await revisionOf(tx, stores, link, link.version)),
    content: editorValue(decodeState(state, stores.shape)),
  };
}

/** Of a document without a local-first form. */
async function rowNow(tx: Queryable, stores: Stores, id: string): Promise<SaveResult['head']> {
  const { row } = await readSides(tx, stores, id, { lock: false, content: 'always' });
  const content = row?.content ?? null;
  return {
    revision: numberOf(row?.revision ?? null),
    content: content === null ? null : editorValue(content, stores.shape.format),
  };
}

async function duplicate(
  { stores }: StoreContext,
  tx: Queryable,
  sides: Sides,
  id: string,
  before: SavedBefore,
): Promise<SaveResult> {
  return {
    revision: numberOf(before.revision),
    head: isSeeded(sides) ? await headNow(tx, stores, sides) : await rowNow(tx, stores, id),
    outcome: 'duplicate',
    ...(before.conflict === null ? {} : { conflict: before.conflict }),
  };
}

/**
 * The row alone, as it always was: the document has no seed, is held in quarantine, or will be, because what was sent does not
 * convert. What converts now is taken in at once.
 */
async function saveLegacyAlone(
  { stores }: StoreContext,
  tx: Queryable,
  sides: Sides & { readonly row: NonNullable<Sides['row']> },
  input: SaveInput,
  sent: Sent,
  receipt: Receipt,
  attempt: Attempt,
): Promise<SaveResult> {
  const written = await onLegacyPath(attempt, () =>
    writeLegacyContent(tx, stores, input.id, sent.raw, input.owner),
  );
  const taken = await takeInOrHold(tx, stores, sides, written.xmin);
  const { revision: replaced } = sides.row;
  const isStale = input.baseRevision != null && replaced !== null && replaced !== String(input.baseRevision);
  const became = isStale ? 'overwrote' : 'saved';
  const outcome = taken.outcome === 'quarantined' ? 'quarantined' : became;
  await writeReceipt(tx, {
    ...receipt,
    outcome,
    revision: written.revision,
    failed: taken.refused && 'local-first',
    error: taken.refused?.code,
  });
  const content = written.altered ?? sent.raw;
  const revision = numberOf(written.revision);
  return { revision, head: { revision, content: editorValue(content, stores.shape.format) }, outcome };
}

/** What was sent and could be stored elsewhere is somebody's work. */
function reasonToKeep(error: unknown): string | null {
  if (!(error instanceof DualpathError)) return null;
  const { code, details } = error;
  if (code === 'deleted') return code;
  return code === 'invalid-content' && typeof details.reason === 'string' ? details.reason : null;
}

const refused = (sides: Sides, refusal: UnconvertibleError): DualpathError =>
  new DualpathError(
    'invalid-content',
    refusal.message,
    'Mend the content and save it again; what was sent is kept.',
    { details: { document: sides.key, reason: refusal.code }, exitCode: 2 },
  );

function receiptOf({ receiptKey }: StoreContext, sides: Sides, input: SaveInput, sent: Sent): Receipt {
  return {
    document: sides.key,
    kind: 'save',
    cohort: sides.link?.cohort ?? sides.row?.cohort ?? null,
    device: input.deviceId ?? null,
    saveId: input.saveId ?? null,
    bytes: Buffer.byteLength(sent.raw),
    fingerprint: keyedFingerprint(receiptKey, sent.fingerprint),
    headBefore: sides.link?.head ?? null,
  };
}
