import * as Y from 'yjs';
import { openUpdates } from '../yjs-state.ts';
import { inspectUpdate } from './inspect-update.ts';

/** A replica with as much of an update as fits it. */
export interface PartTaken {
  readonly state: Uint8Array;
  /** It holds more of what the update writes than before. */
  readonly isMore: boolean;
  /** Nothing of the update is left out. */
  readonly isWhole: boolean;
}

/**
 * What a device had written before it learned of what the rest of its update builds on: what fits, in the order in which it
 * was written, and the deletions of what is there.
 * @throws RejectedUpdateError
 * @throws UndecodableError
 */
export function takePart(replica: Uint8Array, update: Uint8Array): PartTaken {
  const doc = openUpdates(replica);
  const { clients } = inspectUpdate(update);
  const reach = () => [...clients.keys()].map((client) => Y.getState(doc.store, client));
  const before = reach();
  Y.applyUpdate(doc, update);
  const isWhole = doc.store.pendingStructs === null && doc.store.pendingDs === null;
  doc.store.pendingStructs = null;
  doc.store.pendingDs = null;
  const isMore = reach().some((clock, index) => clock > (before[index] ?? 0));
  return { state: Y.encodeStateAsUpdate(doc), isMore, isWhole };
}
