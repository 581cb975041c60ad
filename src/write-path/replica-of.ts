import { type LoggedUpdate, readHistory } from '../documents/history.ts';
import { type NotedReplica, readPulled, type SessionKey } from '../documents/sessions.ts';
import type { Stores } from '../documents/stores.ts';
import {
  canHaveKnown,
  deletesAny,
  heldUpdates,
  hiddenBy,
  integrateUpdate,
  isDifference,
  replicaAt,
  type StateShape,
  UndecodableError,
  withOwnDeletions,
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
  /** The update as its device made it: a difference without the deletions of others. */
  readonly own: Uint8Array;
  /** The session was noted to hold more, and cannot have known it: it holds everything up to this head only. */
  readonly doubted: string | null;
}

/**
 * The replica of a session as it was when its last push or pull was answered: what it had pulled, and its own accepted
 * updates. With the last pull alone, two pushes in a row would double text. A session that has not pulled yet has the
 * replica of those before it on the device. Where nothing is noted, it had at least what its update builds on: the
 * shortest beginning of the log that the update fits. So had one that cannot have known what it pulled when it wrote, as a
 * device that pulls before it pushes.
 * @param newOf Yjs client ids of which the update brings something that the document does not hold
 */
export async function replicaBefore(
  tx: Queryable,
  stores: Stores,
  { link, state: head }: LevelDocument,
  input: PushInput,
  newOf: readonly number[],
): Promise<ReplicaBefore> {
  const history = await readHistory(tx, link);
  const session = sessionOf(link.id, input);
  const noted = await readPulled(tx, session, link.lineage);
  const sessions = noted === null || noted.own ? 'one' : 'all';
  // Under another session, too: the next character of a Yjs client builds on its last one.
  const isOwn = (update: LoggedUpdate, beside: Whose): boolean =>
    beside !== 'none' &&
    (isOf(session, update, beside) || writersOf(update.payload).some((client) => newOf.includes(client)));
  const upto = (joined: string | bigint, beside: Whose = sessions): Uint8Array =>
    replicaAt(
      history
        .filter((update) => BigInt(update.joined) <= BigInt(joined) || isOwn(update, beside))
        .map(({ payload }) => payload),
    );
  if (input.stateVector !== undefined) {
    const named = stateOrNull(() => holding(history, input.stateVector, input.update));
    // One that was overtaken by what its client learned since names too little.
    if (named !== null && fits(named, input.update, stores.shape) && showsOwn(named, input.update))
      return { known: 'named', state: named, own: input.update, doubted: null };
  }
  const pulled = noted && stateOrNull(() => upto(noted.pulled));
  const own =
    pulled !== null && isDifference(pulled, input.update)
      ? withOwnDeletions(head, input.update)
      : input.update;
  const trusted = trustedBase(input, noted);
  const state = trusted && stateOrNull(() => upto(trusted.head));
  if (trusted !== null && state !== null) {
    // Of what it had pulled, a session knows what it deletes again; a named base may be older.
    const made = trusted.known === 'named' ? own : input.update;
    if (canBeBase(state, made, input, stores))
      return { known: trusted.known, state, own: made, doubted: null };
  }
  const likely = inferred(history, upto, own, stores);
  const doubted = trusted?.known === 'session' && sessions === 'one' ? String(likely.head) : null;
  if (canHaveKnown(likely.state, input.update)) return { known: 'inferred', ...likely, own, doubted };
  // What is thought to be its own came from another tab that goes by the same name.
  const alone = inferred(history, (head) => upto(head, 'none'), own, stores);
  const better = canHaveKnown(alone.state, input.update) ? alone : likely;
  return { known: 'inferred', ...better, own, doubted };
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

/** Whose accepted updates a replica holds beside what it pulled. */
type Whose = 'one' | 'all' | 'none';

export const sessionOf = (document: string, { deviceId, epoch, session }: PushInput): SessionKey => ({
  document,
  device: deviceId,
  epoch: epoch ?? '',
  session: session ?? '',
});

function isOf(session: SessionKey, update: LoggedUpdate, sessions: Whose): boolean {
  if (sessions === 'none' || update.device !== session.device || update.epoch !== session.epoch) return false;
  return sessions === 'all' || update.session === session.session;
}

/** The head up to which the session's replica is said to hold everything. */
function trustedBase(
  { baseSeq, session }: PushInput,
  noted: NotedReplica | null,
): { readonly known: BaseKnown; readonly head: string } | null {
  if (baseSeq !== undefined) return { known: 'named', head: String(baseSeq) };
  // A session without a name may be two tabs: what one pulled says nothing of the other.
  return session === undefined || noted === null ? null : { known: 'session', head: noted.pulled };
}

const canBeBase = (state: Uint8Array, own: Uint8Array, { update }: PushInput, { shape }: Stores): boolean =>
  fits(state, own, shape) && canHaveKnown(state, update);

interface Inferred {
  /** Everything up to it was in the replica. */
  readonly head: bigint;
  readonly state: Uint8Array;
  readonly parts?: readonly Part[];
}

function inferred(
  history: readonly LoggedUpdate[],
  upto: (head: bigint) => Uint8Array,
  update: Uint8Array,
  { shape }: Stores,
): Inferred {
  const heads = [...new Set(history.map(({ joined }) => joined))].map(BigInt);
  const stateAt = (index: number) => upto(heads[index] ?? 0n);
  const at = likeliest(history, heads, stateAt, update, shape);
  const [head, state] = [heads[at] ?? 0n, stateAt(at)];
  if (!fits(state, update, shape) || showsOwn(state, update)) return { head, state };
  return { head, state, parts: partsOf(heads.length, stateAt, update) };
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
  shape: StateShape,
): number {
  let [low, high] = [0, heads.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (
      fits(
        stateOrNull(() => stateAt(middle)),
        update,
        shape,
      )
    )
      high = middle;
    else low = middle + 1;
  }
  for (let at = low; ; ) {
    const { held } = hiddenBy(stateAt(at), update);
    if (held.size === 0) return at;
    const next = history.find(
      ({ joined, payload }) => BigInt(joined) > (heads[at] ?? 0n) && deletesAny(payload, held),
    );
    if (next === undefined) return low;
    at = heads.indexOf(BigInt(next.joined));
  }
}

/** Null: the session's own updates build on others than these, too. */
function stateOrNull(state: () => Uint8Array): Uint8Array | null {
  try {
    return state();
  } catch (error) {
    if (error instanceof UndecodableError && error.code === 'state-incomplete') return null;
    throw error;
  }
}

function fits(state: Uint8Array | null, update: Uint8Array, shape: StateShape): boolean {
  return state !== null && integrateUpdate(state, update, shape).kind !== 'pending';
}
