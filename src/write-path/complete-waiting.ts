import {
  ownersOfClients,
  readRefusedPayloads,
  readWaitingUpdates,
  refuseWaiting,
  type WaitingUpdate,
} from '../documents/pushes.ts';
import { writeReceipt } from '../documents/receipts.ts';
import { readSides } from '../documents/sides.ts';
import { buildsOn, lacks, stateVectorOf, writersOf } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { askAbout } from './ask-about.ts';
import { type Attempt, newAttempt } from './attempt.ts';
import type { StoreContext } from './context.ts';
import type { PushInput } from './document-store-types.ts';
import { isSeeded, type LevelDocument } from './hold.ts';
import { DOCUMENT_UNREADABLE, planPush } from './plan-push.ts';
import { receiptOf } from './push-receipt.ts';
import { BUILDS_ON_REFUSED, identityOf, nameRefused } from './push-records.ts';
import { behindSavepoint } from './second-store.ts';
import { writePush } from './write-push.ts';

/**
 * Takes in what waited for an update that is part of the document now, until nothing more fits; each as the push that it is: its
 * device knew no more of the document than when it sent it. What waits for an update that was refused is named.
 * @returns the state vector afterwards; null if nothing waited for it
 */
export async function completeWaiting(
  context: StoreContext,
  tx: Queryable,
  id: string,
): Promise<Uint8Array | null> {
  let waiting = await readWaitingUpdates(tx, id);
  let vector: Uint8Array | null = null;
  let level = waiting.length === 0 ? null : await readLevel(context, tx, id);
  for (let before = -1; level !== null && waiting.length !== before; ) {
    before = waiting.length;
    for (const update of waiting) {
      if (level === null || stillLacks(update, level)) continue;
      const found = await takeIn(context, tx, level.sides, update);
      if (found === 'waits') continue;
      waiting = waiting.filter((each) => each !== update);
      vector = found.stateVector ?? vector;
      if (found.stateVector !== null) level = await readLevel(context, tx, id);
    }
  }
  if (level !== null) await nameStuck(tx, level, waiting);
  return vector;
}

/** The document as it is after what was taken in last. */
interface Level {
  readonly sides: LevelDocument;
  readonly vector: Uint8Array;
}

async function readLevel(context: StoreContext, tx: Queryable, id: string): Promise<Level | null> {
  const known = context.recent.get(id);
  const sides = await readSides(tx, context.stores, id, { lock: true, content: 'changed', known });
  return isSeeded(sides) ? { sides, vector: stateVectorOf(sides.state) } : null;
}

/** What was found to wait for another update is not looked at any closer while that is not there: a stuck device may have sent hundreds. */
const stillLacks = ({ apart, payload }: WaitingUpdate, { vector }: Level): boolean =>
  (apart === 'pending' || apart === BUILDS_ON_REFUSED) && lacks(payload, vector);

async function takeIn(
  context: StoreContext,
  tx: Queryable,
  sides: LevelDocument,
  waited: WaitingUpdate,
): Promise<'waits' | { readonly stateVector: Uint8Array | null }> {
  const { stores } = context;
  const input = inputOf(sides.link.id, waited);
  const owners = await ownersOfClients(tx, sides.link.id, writersOf(waited.payload));
  const sent = { ...input, arrivedAt: waited.seq };
  const facts = { owners, isBehind: waited.baseSeq !== null };
  const plan = await planPush(stores, sides, askAbout(tx, stores, sides, sent, facts, 'all'));
  if (plan.kind === 'pending') return 'waits';
  if (plan.kind === 'refused') {
    if (plan.code === DOCUMENT_UNREADABLE) return 'waits';
    await refuse(tx, sides, waited, plan.code);
    return { stateVector: null };
  }
  const attempt = newAttempt({});
  const identity = identityOf(input);
  const written = await behindSavepoint(tx, () =>
    writePush(context, tx, { sides, input, identity, plan, attempt, waited, isLast: false }),
  );
  if ('done' in written) return { stateVector: written.done.stateVector };
  await refuse(tx, sides, waited, written.refused.code, attempt.path);
  return { stateVector: null };
}

/** What waits for an update that was refused may do so for ever, which somebody must know. */
async function nameStuck(
  tx: Queryable,
  { sides, vector }: Level,
  waiting: readonly WaitingUpdate[],
): Promise<void> {
  let pending = waiting.filter(({ apart }) => apart === 'pending');
  if (pending.length === 0) return;
  let refused = await readRefusedPayloads(tx, sides.link.id);
  for (let stuck = pending; refused.length > 0; refused = stuck.map(({ payload }) => payload)) {
    const built = refused;
    stuck = pending.filter(({ payload }) => buildsOn(payload, vector, built));
    pending = pending.filter((each) => !stuck.includes(each));
    for (const each of stuck) await refuse(tx, sides, each, BUILDS_ON_REFUSED);
  }
}

/** @param failed the path whose store refused what it should have taken; null: the update is the reason */
async function refuse(
  tx: Queryable,
  sides: LevelDocument,
  waited: WaitingUpdate,
  code: string,
  failed: Attempt['path'] | null = null,
): Promise<void> {
  await refuseWaiting(tx, sides.link.id, waited.seq, code);
  const conflict = await nameRefused(tx, sides.link, waited.device, code);
  await writeReceipt(tx, {
    ...receiptOf(sides, inputOf(sides.link.id, waited)),
    outcome: 'quarantined',
    seq: waited.seq,
    headAfter: sides.link.head,
    conflict,
    failed,
    error: code,
  });
}

const inputOf = (
  id: string,
  { payload, device, epoch, session, deviceSeq, baseSeq, stateVector }: WaitingUpdate,
): PushInput => ({
  id,
  deviceId: device,
  seq: Number(deviceSeq),
  update: payload,
  ...(epoch === '' ? {} : { epoch }),
  ...(session === '' ? {} : { session }),
  ...(baseSeq === null ? {} : { baseSeq: Number(baseSeq) }),
  ...(stateVector === null ? {} : { stateVector }),
});
