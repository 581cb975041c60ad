import {
  ownersOfClients,
  readRefusedPayloads,
  readWaitingUpdates,
  refuseWaiting,
  type WaitingUpdate,
} from '../documents/pushes.ts';
import { writeReceipt } from '../documents/receipts.ts';
import { readSides } from '../documents/sides.ts';
import { buildsOn, writersOf } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { askAbout } from './ask-about.ts';
import { type Attempt, newAttempt } from './attempt.ts';
import type { StoreContext } from './context.ts';
import type { PushInput } from './document-store-types.ts';
import { isSeeded } from './hold.ts';
import { DOCUMENT_UNREADABLE, planPush } from './plan-push.ts';
import { receiptOf } from './push-receipt.ts';
import { identityOf, nameRefused } from './push-records.ts';
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
  for (let before = -1; waiting.length !== before; ) {
    before = waiting.length;
    for (const update of waiting) {
      const found = await takeIn(context, tx, id, update);
      if (found === 'waits') continue;
      waiting = waiting.filter((each) => each !== update);
      vector = found.stateVector ?? vector;
    }
  }
  return vector;
}

async function takeIn(
  context: StoreContext,
  tx: Queryable,
  id: string,
  waited: WaitingUpdate,
): Promise<'waits' | { readonly stateVector: Uint8Array | null }> {
  const sides = await readSides(tx, context.stores, id, {
    lock: true,
    content: 'changed',
    known: context.recent.get(id),
  });
  if (!isSeeded(sides)) return 'waits';
  const input = inputOf(id, waited);
  const owners = await ownersOfClients(tx, sides.link.id, writersOf(waited.payload));
  const plan = await planPush(
    context.stores,
    sides,
    askAbout(
      tx,
      context.stores,
      sides,
      { ...input, arrivedAt: waited.seq },
      {
        owners,
        isBehind: waited.baseSeq !== null,
      },
      'all',
    ),
  );
  if (plan.kind === 'refused' && plan.code === DOCUMENT_UNREADABLE) return 'waits';
  const attempt = newAttempt({});
  const refuse = async (code: string, failed: Attempt['path'] | null) => {
    await refuseWaiting(tx, sides.link.id, waited.seq, code);
    const conflict = await nameRefused(tx, sides.link, waited.device, code);
    const outcome = 'quarantined';
    await writeReceipt(tx, {
      ...receiptOf(sides, input),
      outcome,
      seq: waited.seq,
      headAfter: sides.link.head,
      conflict,
      failed,
      error: code,
    });
    return { stateVector: null };
  };
  if (plan.kind === 'pending') {
    if (waited.apart !== 'pending') return 'waits';
    const refused = await readRefusedPayloads(tx, sides.link.id);
    return buildsOn(waited.payload, sides.state, refused) ? refuse('builds-on-refused', null) : 'waits';
  }
  if (plan.kind === 'refused') return refuse(plan.code, null);
  const written = await behindSavepoint(tx, () =>
    writePush(context, tx, {
      sides,
      input,
      identity: identityOf(input),
      plan,
      attempt,
      waited,
      isLast: false,
    }),
  );
  return 'refused' in written
    ? refuse(written.refused.code, attempt.path)
    : { stateVector: written.done.stateVector };
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
