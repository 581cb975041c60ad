import type * as Y from 'yjs';
import type { StateShape } from './client-id.ts';
import type { Content } from './content.ts';
import { openUpdates } from './yjs-state.ts';

/**
 * What is known of the bytes of a state beside them, for as long as somebody holds those very bytes: opening and reading a
 * document takes longer than changing it. Bytes that are held never change, so what is known of them stays true.
 */
const docs = new WeakMap<Uint8Array, Y.Doc>();
const contents = new WeakMap<Uint8Array, { readonly shape: StateShape; readonly content: Content }>();

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

/** The content of a state as somebody read it before; undefined: nobody did. */
export function knownContent(state: Uint8Array, shape: StateShape): Content | undefined {
  const known = contents.get(state);
  if (known?.shape.format !== shape.format || known.shape.fragment !== shape.fragment) return undefined;
  return known.content;
}

export function noteContent(state: Uint8Array, shape: StateShape, content: Content): void {
  contents.set(state, { shape, content });
}
