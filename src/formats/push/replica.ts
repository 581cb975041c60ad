import * as Y from 'yjs';
import { UndecodableError } from '../undecodable-error.ts';
import { EMPTY_UPDATE, openUpdates } from '../yjs-state.ts';
import { ByteReader } from './byte-reader.ts';
import { RejectedUpdateError } from './rejected-update-error.ts';

/**
 * The state of a replica that took in these updates and no others, such as those of the log up to what a session pulled
 * and the ones it pushed itself. Deleted content is kept.
 * @throws UndecodableError `state-incomplete` if they build on others
 */
export function replicaAt(updates: readonly Uint8Array[]): Uint8Array {
  return updates.length === 0 ? EMPTY_UPDATE : Y.encodeStateAsUpdate(openUpdates(...updates));
}

/** The same, without those that build on others. */
export function replicaOfWhatFits(updates: readonly Uint8Array[]): Uint8Array {
  const doc = new Y.Doc({ guid: 'dualpath', gc: false });
  for (const update of updates) {
    Y.applyUpdate(doc, update);
    // Nothing that comes later brings what they miss, and Yjs would merge them with each that comes.
    doc.store.pendingStructs = null;
    doc.store.pendingDs = null;
  }
  return Y.encodeStateAsUpdate(doc);
}

/**
 * How far each client's clocks are held in a state, as Yjs encodes it. It says nothing of deletions.
 * @throws UndecodableError `state-corrupt`
 */
export function stateVectorOf(state: Uint8Array): Uint8Array {
  try {
    return Y.encodeStateVectorFromUpdate(state);
  } catch {
    throw new UndecodableError('state-corrupt', 'The Yjs state is damaged: Yjs cannot read it.');
  }
}

/**
 * What a replica with this state vector lacks of a state: newer structs and all deletions; without one, everything.
 * @throws RejectedUpdateError if the bytes are no state vector
 * @throws UndecodableError `state-corrupt`
 */
export function diffSince(state: Uint8Array, stateVector?: Uint8Array): Uint8Array {
  if (stateVector === undefined) return state;
  requireStateVector(stateVector);
  try {
    return Y.diffUpdate(state, stateVector);
  } catch {
    throw new UndecodableError('state-corrupt', 'The Yjs state is damaged: Yjs cannot read it.');
  }
}

/**
 * Does a replica with this state vector hold anything of a state at all?
 * @throws RejectedUpdateError if the bytes are no state vector
 */
export function hasSeen(stateVector: Uint8Array, state: Uint8Array): boolean {
  requireStateVector(stateVector);
  const held = Y.decodeStateVector(stateVectorOf(state));
  return [...Y.decodeStateVector(stateVector).keys()].some((client) => held.has(client));
}

/** The Yjs clients that wrote something of an update; none wrote one that only deletes. */
export function writersOf(update: Uint8Array): readonly number[] {
  return [...Y.parseUpdateMeta(update).to.keys()];
}

/** @throws RejectedUpdateError if the bytes are no state vector */
export function requireStateVector(stateVector: Uint8Array): void {
  if (!isStateVector(stateVector))
    throw new RejectedUpdateError(
      'corrupt',
      'The state vector is damaged: it is not as Y.encodeStateVector gives one.',
    );
}

function isStateVector(bytes: Uint8Array): boolean {
  const reader = new ByteReader(bytes);
  try {
    const clients = reader.varUint();
    if (clients * 2 > reader.remaining) return false;
    for (let index = 0; index < clients * 2; index++) reader.varUint();
    return reader.remaining === 0;
  } catch {
    return false;
  }
}

/**
 * Is this how far a replica had come when it made an update?
 * @param stateVector it may count the update itself
 * @throws RejectedUpdateError if the bytes are no state vector
 */
export function isLevelWith(replica: Uint8Array, stateVector: Uint8Array, update: Uint8Array): boolean {
  requireStateVector(stateVector);
  const held = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(replica));
  const named = Y.decodeStateVector(stateVector);
  const { from, to } = Y.parseUpdateMeta(update);
  return [...new Set([...held.keys(), ...named.keys()])].every((client) => {
    const [has, said] = [held.get(client) ?? 0, named.get(client) ?? 0];
    const isCounted = () => has < said && (from.get(client) ?? said) <= has && said <= (to.get(client) ?? 0);
    return has === said || isCounted();
  });
}
