import {
  ownersOfClients,
  readWaitingUpdates,
  refuseWaiting,
  type WaitingUpdate,
} from '../documents/pushes.ts';
import { readSides } from '../documents/sides.ts';
import { writersOf } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { askAbout } from './ask-about.ts';
import { newAttempt } from './attempt.ts';
import type { StoreContext } from './context.ts';
import type { PushInput } from './document-store-types.ts';
import { isSeeded } from './hold.ts';
import { planPush } from './plan-push.ts';
import { identityOf, nameRefused } from './push-records.ts';
import { behindSavepoint } from './second-store.ts';
import { writePush } from './write-push.ts';

/**
 * Takes in what waited for an update that is part of the document now, until nothing more fits; each as the push that it is: its
 * device knew no more of the document than when it sent it.
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
  const sides = await readSides(tx, context.stores, id, { lock: true, content: 'changed' });
  if (!isSeeded(sides)) return 'waits';
  const input = inputOf(id, waited);
  const owners = await ownersOfClients(tx, sides.link.id, writersOf(waited.payload));
  const plan = await planPush(
    context.stores,
    sides,
    askAbout(tx, context.stores, sides, { ...input, arrivedAt: waited.seq }, owners),
  );
  if (plan.kind === 'pending') return 'waits';
  const refuse = async (code: string) => {
    await refuseWaiting(tx, sides.link.id, waited.seq, code);
    await nameRefused(tx, sides.link, waited.device, code);
    return { stateVector: null };
  };
  if (plan.kind === 'refused') return refuse(plan.code);
  const attempt = newAttempt({});
  const written = await behindSavepoint(tx, () =>
    writePush(context, tx, { sides, input, identity: identityOf(input), plan, attempt, waited }),
  );
  return 'refused' in written ? refuse(written.refused.code) : { stateVector: written.done.stateVector };
}

const inputOf = (id: string, { payload, device, epoch, session, deviceSeq }: WaitingUpdate): PushInput => ({
  id,
  deviceId: device,
  seq: Number(deviceSeq),
  update: payload,
  ...(epoch === '' ? {} : { epoch }),
  ...(session === '' ? {} : { session }),
});
