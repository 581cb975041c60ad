import * as Y from 'yjs';
import { inspectUpdate, RejectedUpdateError } from '../formats/index.ts';

/**
 * Brings the update nothing at all? So it is with a client that comes back and changed nothing: it names what it knows to be
 * deleted. An update with text is never looked at in this way: under an id that is held it may bring other text.
 */
export function holdsAll(document: Y.Doc, update: Uint8Array): boolean {
  try {
    if (inspectUpdate(update).structs.length > 0) return false;
  } catch (error) {
    // The push says what is wrong with it, and keeps it where it could be work.
    if (error instanceof RejectedUpdateError) return false;
    throw error;
  }
  return Y.snapshotContainsUpdate(Y.snapshot(document), update);
}

/** Has the document as many of each client's changes as the state vector says? */
export function isLevelWith(document: Y.Doc, stateVector: Uint8Array): boolean {
  const wanted = Y.decodeStateVector(stateVector);
  return [...wanted].every(([client, clock]) => Y.getState(document.store, client) >= clock);
}
