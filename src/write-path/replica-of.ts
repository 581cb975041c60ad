import { type LoggedUpdate, readHistory } from '../documents/history.ts';
import { readPulled } from '../documents/sessions.ts';
import type { Stores } from '../documents/stores.ts';
import {
  deletesAny,
  heldUpdates,
  hiddenBy,
  integrateUpdate,
  replicaAt,
  type StateShape,
  UndecodableError,
  writersOf,
} from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { BaseKnown } from './base.ts';
import type { PushInput } from './document-store-types.ts';
import type { LevelDocument } from './hold.ts';
import { type Part, partsOf } from './made-in-parts.ts';

/** What a device's replica held before an update. */
export interface ReplicaBefore {
  readonly known: BaseKnown;
  /** Before the last part of the update. */
  readonly state: Uint8Array;
  /** Where the device took something in while it wrote the update: each part of it, in order. */
  readonly parts?: readonly Part[];
}

/**
 * The replica of a session as it was when its last push or pull was answered: what it had pulled, and its own accepted
 * updates. With the last pull alone, two pushes in a row would double text. A session that names nothing and never pulled
 * had at least what its update builds on: the shortest beginning of the log that the update fits.
 */
export async function replicaBefore(
  tx: Queryable,
  stores: Stores,
  { link }: LevelDocument,
  input: PushInput,
): Promise<ReplicaBefore> {
  const history = await readHistory(tx, link);
  const session = {
    document: link.id,
    device: input.deviceId,
    epoch: input.epoch ?? '',
    session: input.session ?? '',
  };
  // Under another session, too: the next character of a Yjs client builds on its last one.
  const ownClients = writersOf(input.update);
  const isOwn = (update: LoggedUpdate): boolean =>
    (update.device === session.device &&
      update.epoch === session.epoch &&
      update.session === session.session) ||
    writersOf(update.payload).some((client) => ownClients.includes(client));
  const upto = (head: bigint): Uint8Array =>
    replicaAt(
      history
        .filter((update) => BigInt(update.joined) <= head || isOwn(update))
        .map(({ payload }) => payload),
    );
  if (input.baseSeq !== undefined) return { known: 'named', state: upto(BigInt(input.baseSeq)) };
  if (input.stateVector !== undefined) {
    const named = () => holding(history, input.stateVector, input.update);
    // One that was overtaken by what its client learned since names too little.
    if (fits(named, input.update, stores.shape) && showsOwn(named(), input.update))
      return { known: 'named', state: named() };
  }
  // A session without a name may be two tabs: what one pulled says nothing of the other.
  const pulled = input.session === undefined ? null : await readPulled(tx, session, link.lineage);
  const ofSession = pulled === null ? null : upto(BigInt(pulled));
  // What the device had not sent when it pulled was made before.
  if (ofSession !== null && isPlausible(ofSession, input.update, stores))
    return { known: 'session', state: ofSession };
  return inferred(history, upto, input.update, stores);
}

const holding = (
  history: readonly LoggedUpdate[],
  stateVector: Uint8Array = new Uint8Array([0]),
  update: Uint8Array,
): Uint8Array => {
  const held = heldUpdates(
    history.map(({ payload }) => payload),
    stateVector,
    update,
  );
  return replicaAt(held);
};

function inferred(
  history: readonly LoggedUpdate[],
  upto: (head: bigint) => Uint8Array,
  update: Uint8Array,
  stores: Stores,
): ReplicaBefore {
  const heads = [...new Set(history.map(({ joined }) => joined))].map(BigInt);
  const stateAt = (index: number) => upto(heads[index] ?? 0n);
  const state = likeliest(history, heads, stateAt, update, stores);
  if (!fits(() => state, update, stores.shape) || showsOwn(state, update))
    return { known: 'inferred', state };
  return { known: 'inferred', state, parts: partsOf(heads.length, stateAt, update) };
}

const showsOwn = (state: Uint8Array, update: Uint8Array): boolean => hiddenBy(state, update).own.size === 0;

/**
 * The shortest beginning of the log that the update fits, by bisection: what fits one fits every longer one. But where
 * it then deletes more than it says, its device knew that to be gone already: so from there on to the first where it does not.
 */
function likeliest(
  history: readonly LoggedUpdate[],
  heads: readonly bigint[],
  stateAt: (index: number) => Uint8Array,
  update: Uint8Array,
  { shape }: Stores,
): Uint8Array {
  let [low, high] = [0, heads.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(() => stateAt(middle), update, shape)) high = middle;
    else low = middle + 1;
  }
  const shortest = stateAt(low);
  for (let [at, state] = [low, shortest]; ; state = stateAt(at)) {
    const { held } = hiddenBy(state, update);
    if (held.size === 0) return state;
    const next = history.find(
      ({ joined, payload }) => BigInt(joined) > (heads[at] ?? 0n) && deletesAny(payload, held),
    );
    if (next === undefined) return shortest;
    at = heads.indexOf(BigInt(next.joined));
  }
}

/** An update names all that its editor saw go: on the replica that it was made on it hides nothing else. */
function isPlausible(state: Uint8Array, update: Uint8Array, { shape }: Stores): boolean {
  if (!fits(() => state, update, shape)) return true;
  const { held, own } = hiddenBy(state, update);
  return held.size === 0 && own.size === 0;
}

/** The session's own updates may build on others than these, too. */
function fits(state: () => Uint8Array, update: Uint8Array, shape: StateShape): boolean {
  try {
    return integrateUpdate(state(), update, shape).kind !== 'pending';
  } catch (error) {
    if (error instanceof UndecodableError && error.code === 'state-incomplete') return false;
    throw error;
  }
}
