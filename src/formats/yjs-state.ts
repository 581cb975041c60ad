import * as Y from 'yjs';
import { UndecodableError } from './undecodable-error.ts';

/** The update that changes nothing: no structs, no deletions. */
export const EMPTY_UPDATE: Uint8Array = new Uint8Array([0, 0]);

/**
 * A Y.Doc that holds what the updates hold. Deleted content is kept (`gc: false`): collecting it would destroy text
 * that an offline device typed into a container deleted meanwhile.
 * @throws UndecodableError `state-corrupt` if Yjs refuses the bytes or runs out of stack, `state-incomplete` if they
 *   build on updates that are missing
 */
export function openUpdates(...updates: readonly Uint8Array[]): Y.Doc {
  // Without a guid Yjs draws a random one, which costs 80 µs, as much as reading a small document.
  const doc = new Y.Doc({ guid: 'dualpath', gc: false });
  guard(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    throw new UndecodableError(
      'state-incomplete',
      'The Yjs state builds on updates that are missing from it.',
    );
  }
  return doc;
}

/**
 * Merges V1 updates into one; deleted content is kept.
 * @throws UndecodableError `state-corrupt`
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [first] = updates;
  if (first === undefined) return EMPTY_UPDATE;
  return updates.length === 1 ? first : guard(() => Y.mergeUpdates([...updates]));
}

/**
 * The state after one more update; deleted content is kept.
 * @throws UndecodableError `state-corrupt` or `state-incomplete`
 */
export function applyUpdate(state: Uint8Array, update: Uint8Array): Uint8Array {
  return Y.encodeStateAsUpdate(openUpdates(state, update));
}

/** All of a document as one update; deleted content is kept. */
export const encodeState = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc);

/**
 * What a state holds beyond another: its newer structs, and all its deletions.
 * @throws UndecodableError `state-corrupt`
 */
export function newSince(state: Uint8Array, base: Uint8Array): Uint8Array {
  return guard(() => Y.diffUpdate(state, Y.encodeStateVectorFromUpdate(base)));
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw new UndecodableError('state-corrupt', 'The Yjs state is damaged: Yjs cannot read it.');
  }
}
