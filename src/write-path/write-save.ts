import { endOwnWrite, writeLegacyContent, writeLegacyRow } from '../documents/legacy-write.ts';
import { type Receipt, writeReceipt } from '../documents/receipts.ts';
import type { RowSide, Write } from '../documents/record-write.ts';
import { keepVersions } from '../documents/updates.ts';
import { DualpathError } from '../errors.ts';
import { type Content, readLegacy, writeLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Attempt, onLegacyPath } from './attempt.ts';
import type { Base } from './base.ts';
import type { StoreContext } from './context.ts';
import type { SaveInput, SaveResult } from './document-store-types.ts';
import type { LevelDocument } from './hold.ts';
import { keepConflict } from './keep-conflict.ts';
import { changeOf, type LocalChange } from './local-change.ts';
import { reviewOf, type SavePlan } from './plan-save.ts';
import { recordChecked } from './record-checked.ts';
import { editorValue, micros, numberedAlone, numberOf } from './results.ts';
import { behindSavepoint, hopefully } from './second-store.ts';
import { hashOf, type Refusal } from './seed.ts';
import { takeInOrHold } from './take-in-or-hold.ts';

/** A save that changes the document, decided and not yet written. */
export interface DecidedSave {
  readonly sides: LevelDocument;
  readonly input: SaveInput;
  readonly sent: Content;
  readonly base: Base;
  readonly plan: Exclude<SavePlan, { readonly kind: 'unchanged' }>;
  readonly receipt: Receipt;
  /** What deciding took: it is the second path's. */
  readonly planningMs: number;
  readonly attempt: Attempt;
}

/** What the legacy path holds afterwards, and how clients know it. */
interface LegacySide {
  readonly side: RowSide;
  /** The content of the document: what was meant, or what a trigger of the application's made of it. */
  readonly target: Content;
  /** Of what was sent, and of the result; the same where no merge changed it. */
  readonly sentRevision: string | null;
  readonly revision: string | null;
  readonly tookMs: number;
}

/**
 * Writes a save to both stores. A merge whose result is not what was sent makes two revisions: what was sent, which the
 * client goes on showing, and the result. Under authority legacy a second store that refuses it holds nothing up: the
 * row is written, the document quarantined.
 */
export async function writeSave(
  context: StoreContext,
  tx: Queryable,
  save: DecidedSave,
): Promise<SaveResult> {
  const { stores } = context;
  const { sides, sent, plan, attempt } = save;
  const result = plan.kind === 'merged' ? plan.merge.content : sent;
  const isTwo = result.canonical !== sent.canonical;
  const change = changeOf(stores, sides, 'save', result);
  const legacy = await onLegacyPath(attempt, () => {
    const written = writeLegacySide(context, tx, save, result, isTwo, change);
    // The database is at work on the row; this side need not wait for it.
    change.prepare();
    return written;
  });
  const writeLocal = () => writeLocalSide(context, tx, save, legacy, change, isTwo);
  const second = await (attempt.hopeful ? hopefully(writeLocal) : behindSavepoint(tx, writeLocal));
  if ('done' in second) return second.done;
  const { code } = second.refused;
  if (sides.link.authority === 'local-first') {
    attempt.refused = code;
    throw notStored(sides.key, second.refused);
  }
  await endOwnWrite(tx);
  await takeInOrHold(tx, stores, sides, 'left' in legacy.side ? legacy.side.left.xmin : legacy.side.xmin);
  await writeReceipt(tx, {
    ...save.receipt,
    outcome: 'quarantined',
    revision: legacy.revision,
    failed: 'local-first',
    error: code,
  });
  const revision = numberOf(legacy.revision);
  return { revision, head: { revision, content: editorValue(legacy.target) }, outcome: 'quarantined' };
}

async function writeLegacySide(
  { stores }: StoreContext,
  tx: Queryable,
  { sides, input, sent }: DecidedSave,
  result: Content,
  isTwo: boolean,
  change: LocalChange,
): Promise<LegacySide> {
  const { link, row } = sides;
  const startedAt = performance.now();
  if (sides.stage === 'completed') {
    const next = (steps: bigint) => numberedAlone(stores, link, steps);
    return {
      side: { left: { xmin: row.xmin, fingerprint: link.rowFingerprint ?? link.fingerprint } },
      target: result,
      sentRevision: next(1n),
      revision: next(isTwo ? 2n : 1n),
      tookMs: 0,
    };
  }
  const write = isTwo ? writeLegacyContent : writeLegacyRow;
  const first = await write(tx, stores, input.id, writeLegacy(sent), input.owner);
  const last = isTwo ? await writeLegacyRow(tx, stores, input.id, writeLegacy(result)) : first;
  return {
    side: { xmin: last.xmin, place: last.place },
    target: last.altered === null ? result : readLegacy(stores.shape.format, last.altered),
    sentRevision: first.revision,
    revision: last.revision,
    tookMs: Math.max(last.tookMs, performance.now() - startedAt - change.tookMs),
  };
}

async function writeLocalSide(
  context: StoreContext,
  tx: Queryable,
  save: DecidedSave,
  legacy: LegacySide,
  change: LocalChange,
  isTwo: boolean,
): Promise<SaveResult> {
  const { stores } = context;
  const { sides, input, sent, base, plan } = save;
  const { link } = sides;
  const startedAt = performance.now();
  const { update: payload, state, read } = change.to(legacy.target);
  const sentVersion = String(BigInt(link.version) + 1n);
  const version = isTwo ? String(BigInt(link.version) + 2n) : sentVersion;
  if (isTwo)
    await keepVersions(tx, [
      {
        id: link.id,
        content: writeLegacy(sent),
        legacyRevision: legacy.sentRevision,
        source: 'save',
        version: sentVersion,
        fingerprint: sent.fingerprint,
        device: input.deviceId ?? null,
      },
    ]);
  const review = reviewOf(plan, base);
  const conflict = await keepMeeting(tx, save, version, review, legacy.target);
  const outcome = plan.kind === 'merged' && !isTwo && review.class === 'clean' ? 'saved' : plan.kind;
  const stateHash = hashOf(state);
  context.recent.set(input.id, { state, hash: stateHash });
  const head = String(BigInt(link.head) + 1n);
  const known = stores.legacy.revision ? legacy : { sentRevision: sentVersion, revision: version };
  const write: Write = {
    link,
    state,
    stateHash,
    log: [{ seq: head, payload, origin: 'save', push: null, links: true }],
    version,
    fingerprint: legacy.target.fingerprint,
    legacyRevision: legacy.revision,
    head,
    cohort: sides.row.cohort ?? link.cohort,
    owner: input.owner ?? sides.row.owner,
    row: legacy.side,
    merged: plan.kind === 'merged',
    device: input.deviceId ?? null,
    served: { version: sentVersion, replaces: base.version },
    receipt: {
      ...save.receipt,
      outcome,
      revision: known.sentRevision,
      version: sentVersion,
      seq: head,
      headAfter: head,
      words: plan.kind === 'merged' ? plan.merge.words : null,
      class: review.class,
      conflict,
      legacyUs: micros(legacy.tookMs),
      localUs: micros(save.planningMs + change.tookMs + performance.now() - startedAt),
      agrees: true,
    },
  };
  const recorded = await recordChecked(tx, stores, write, read, save.attempt.hopeful);
  const last = stores.legacy.revision ? recorded.revision : version;
  return {
    revision: numberOf(isTwo ? known.sentRevision : last),
    head: { revision: numberOf(last), content: editorValue(legacy.target) },
    outcome,
    ...(conflict === null ? {} : { conflict }),
  };
}

async function keepMeeting(
  tx: Queryable,
  { sides, input, sent, base, plan }: DecidedSave,
  version: string,
  review: ReturnType<typeof reviewOf>,
  result: Content,
): Promise<string | null> {
  if (plan.kind === 'saved') return null;
  return keepConflict(tx, {
    document: sides.key,
    cohort: sides.link.cohort,
    origin: 'save',
    device: input.deviceId ?? null,
    ...review,
    base: { known: base.known, content: plan.kind === 'merged' ? plan.base : base.content },
    ours: plan.ours,
    theirs: sent,
    result,
    version,
  });
}

const notStored = (document: string, { code, reason }: Refusal): DualpathError =>
  new DualpathError(
    'invalid-content',
    `The document cannot be stored with it. ${reason}`,
    'Mend the content and save it again.',
    { details: { document, reason: code }, exitCode: 2 },
  );
