import type * as Y from 'yjs';
import { openUpdates } from './yjs-state.ts';

/**
 * The Y.Doc that holds what a state holds, for as long as somebody holds those very bytes: opening a document takes longer
 * than changing it. The bytes of a state never change, so the two stay equal.
 */
const docs = new WeakMap<Uint8Array, Y.Doc>();

/**
 * A Y.Doc that holds what the state holds, for whoever changes it: nobody else is given the same one.
 * @throws UndecodableError
 */
export function takeDoc(state: Uint8Array): Y.Doc {
  const doc = docs.get(state);
  if (doc === undefined) return openUpdates(state);
  docs.delete(state);
  return doc;
}

/** Leaves a Y.Doc, that holds just what the state holds, to the next who takes it. */
export function leaveDoc(state: Uint8Array, doc: Y.Doc): void {
  docs.set(state, doc);
}
