import { documentKey } from '../documents/document-key.ts';
import {
  appendApart,
  type PushedBefore,
  type PushFacts,
  type PushIdentity,
  readPushFacts,
  readRefusedPayloads,
} from '../documents/pushes.ts';
import { writeReceipt } from '../documents/receipts.ts';
import type { Sides } from '../documents/sides.ts';
import { DualpathError } from '../errors.ts';
import { buildsOn, inspectUpdate, RejectedUpdateError, stateVectorOf, writersOf } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { askAbout } from './ask-about.ts';
import { type Attempt, newAttempt, noteFailure } from './attempt.ts';
import { checkCommit } from './check-commit.ts';
import { completeWaiting } from './complete-waiting.ts';
import type { CallOptions, StoreContext } from './context.ts';
import type { PushInput, PushResult } from './document-store-types.ts';
import { holdDocument, isSeeded, type LevelDocument } from './hold.ts';
import { keepSent } from './keep-sent.ts';
import { meanwhile } from './meanwhile.ts';
import { deleted, notEnrolled, notFound, quarantined } from './missing-document.ts';
import { DOCUMENT_UNREADABLE, glanceAt, planPush } from './plan-push.ts';
import { receiptOf } from './push-receipt.ts';
import { BUILDS_ON_REFUSED, identityOf, nameRefused } from './push-records.ts';
import { behindSavepoint, hopefully } from './second-store.ts';
import { transact } from './transact.ts';
import { writePush } from './write-push.ts';

/**
 * Takes in an update of a device. What is answered is durable: the update is in the log whatever becomes of its merge, and
 * a push that comes again changes nothing. Where the device did not know of changes that the CRDT alone would lose or
 * double words over, a three-way merge decides and a repair follows the update.
 *
 * @throws DualpathError `update-rejected` (limits, damaged bytes), `not-found`, `deleted`, `not-enrolled`, `quarantined` (it
 *   never had a local-first form), `lineage-ended`: the bytes are kept where they could be work; `locked`, `unavailable`
 */
export async function push(
  context: StoreContext,
  input: PushInput,
  options: CallOptions = {},
): Promise<PushResult> {
  const { stores } = context;
  const attempt = newAttempt(options);
  try {
    inspectUpdate(input.update, stores.shape);
    checkCommit(input);
    return await transact(context, options, true, (tx) => pushHeld(context, tx, input, attempt), attempt);
  } catch (error) {
    await noteFailure(context, options, attempt, { kind: 'push', ...input }, error);
    const reason = reasonToKeep(error);
    if (reason !== null)
      await keepSent(context, options, {
        document: documentKey(input.id),
        device: input.deviceId,
        kind: 'push',
        reason,
        payload: input.update,
        isWork: !(error instanceof RejectedUpdateError),
      });
    throw error;
  }
}

const KEPT_CODES = ['deleted', 'not-enrolled', 'quarantined', 'lineage-ended'];

/** Bytes past the limit of size are no work of an editor, and would be a way to fill the disk. */
function reasonToKeep(error: unknown): string | null {
  if (error instanceof RejectedUpdateError) return error.reason === 'too-large' ? null : error.reason;
  return error instanceof DualpathError && KEPT_CODES.includes(error.code) ? error.code : null;
}

async function pushHeld(
  context: StoreContext,
  tx: Queryable,
  input: PushInput,
  attempt: Attempt,
): Promise<PushResult> {
  const { stores } = context;
  attempt.path = 'local-first';
  const sides = await holdDocument(tx, stores, input.id, context.recent);
  const { link } = sides;
  if (link === null) throw withoutLink(sides, input.id);
  context.linked.add(input.id);
  if (sides.row === null || link.deletedAt !== null) throw deleted(input.id);
  if (input.lineage !== undefined && input.lineage !== link.lineage) throw lineageEnded(input.id);
  const identity = identityOf(input);
  const writers = writersOf(input.update);
  // What is hoped for is proved while the database is at the row.
  const reading = attempt.hopeful ? 'changed' : 'all';
  const [facts, glance] = await meanwhile(
    () => readPushFacts(tx, link.id, input.deviceId, identity, writers, input.baseSeq),
    () => (isSeeded(sides) ? glanceAt(stores, sides, input.update, reading) : null),
  );
  if (facts.before) return duplicate(tx, sides, input, facts.before);
  if (!isSeeded(sides)) return setApart(tx, { ...sides, link }, input, identity, 'held', 'quarantined');
  const found = await planPush(
    stores,
    sides,
    askAbout(tx, stores, sides, input, facts, reading),
    glance() ?? undefined,
  );
  if (found.kind === 'pending') {
    // What it builds on may have waited for the document to be mended.
    if (facts.isHeldUp && (await completeWaiting(context, tx, input.id)) !== null)
      return pushHeld(context, tx, input, attempt);
    return setPendingApart(tx, sides, input, identity);
  }
  if (found.kind === 'refused') {
    const answer = await setApart(tx, sides, input, identity, found.code, 'quarantined');
    await nameWaiting(context, tx, input.id, facts, found.code);
    return answer;
  }
  const guarded = attempt.hopeful
    ? hopefully
    : (work: () => Promise<PushResult>) => behindSavepoint(tx, work);
  const written = await guarded(() =>
    writePush(context, tx, {
      sides,
      input,
      identity,
      plan: found,
      attempt,
      waited: null,
      isLast: attempt.hopeful && !facts.isAwaited,
    }),
  );
  if ('refused' in written)
    return setApart(tx, sides, input, identity, written.refused.code, 'quarantined', attempt.path);
  const stateVector = facts.isAwaited ? await completeWaiting(context, tx, input.id) : null;
  return stateVector === null ? written.done : { ...written.done, stateVector };
}

function withoutLink({ row, held }: Sides, id: string): DualpathError {
  if (row === null) return notFound(id);
  return held ? quarantined(id, held.code) : notEnrolled(id);
}

const lineageEnded = (id: string): DualpathError =>
  new DualpathError(
    'lineage-ended',
    'The update belongs to another life of the document than this one: it was deleted, and created again by another owner.',
    'Pull the document anew; what was pushed is kept.',
    { details: { document: id }, exitCode: 2 },
  );

async function duplicate(
  tx: Queryable,
  sides: Sides,
  input: PushInput,
  { seq, apart, merged }: PushedBefore,
): Promise<PushResult> {
  const fate = fateOf(apart, merged);
  await writeReceipt(tx, { ...receiptOf(sides, input), outcome: 'duplicate', seq });
  return { serverSeq: Number(seq), stateVector: vectorOf(sides), outcome: 'duplicate', fate };
}

function fateOf(apart: string | null, merged: boolean): NonNullable<PushResult['fate']> {
  if (apart === null) return merged ? 'merged' : 'applied';
  return apart === 'pending' ? 'pending' : 'quarantined';
}

/** What waited for an update that was refused is named now; it was not, where the document was to blame. */
async function nameWaiting(
  context: StoreContext,
  tx: Queryable,
  id: string,
  { isAwaited }: PushFacts,
  code: string,
): Promise<void> {
  if (isAwaited && code !== DOCUMENT_UNREADABLE) await completeWaiting(context, tx, id);
}

/** It waits for what is missing; where that was refused it may wait for ever, which somebody must know. */
async function setPendingApart(
  tx: Queryable,
  sides: LevelDocument,
  input: PushInput,
  identity: PushIdentity,
): Promise<PushResult> {
  const refused = await readRefusedPayloads(tx, sides.link.id);
  return buildsOn(input.update, stateVectorOf(sides.state), refused)
    ? setApart(tx, sides, input, identity, BUILDS_ON_REFUSED, 'quarantined')
    : setApart(tx, sides, input, identity, 'pending', 'pending');
}

/**
 * Keeps the update beside the state: the document is as it was. What was refused is named for a person to look at.
 * @param failed the path whose store refused what it should have taken; null: the update is the reason
 */
async function setApart(
  tx: Queryable,
  sides: Sides & { readonly link: NonNullable<Sides['link']> },
  input: PushInput,
  push: PushIdentity,
  why: string,
  outcome: 'pending' | 'quarantined',
  failed: Attempt['path'] | null = null,
): Promise<PushResult> {
  const { link } = sides;
  const seq = String(BigInt(link.head) + 1n);
  const named = {
    baseSeq: input.baseSeq === undefined ? null : String(input.baseSeq),
    stateVector: input.stateVector ?? null,
  };
  await appendApart(tx, link.id, { seq, payload: input.update, device: input.deviceId, push, named }, why);
  const conflict = outcome === 'pending' ? null : await nameRefused(tx, link, input.deviceId, why);
  await writeReceipt(tx, {
    ...receiptOf(sides, input),
    outcome,
    seq,
    headAfter: seq,
    conflict,
    failed,
    error: outcome === 'pending' ? null : why,
  });
  return {
    serverSeq: Number(seq),
    stateVector: vectorOf(sides),
    outcome,
    ...(conflict === null ? {} : { conflict }),
  };
}

const NOTHING_HELD: Uint8Array = new Uint8Array([0]);

const vectorOf = ({ state }: Sides): Uint8Array => (state === null ? NOTHING_HELD : stateVectorOf(state));
