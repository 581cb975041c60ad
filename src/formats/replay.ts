import * as Y from 'yjs';
import type { StateShape } from './client-id.ts';
import type { Content } from './content.ts';
import { readDoc } from './decode.ts';
import { openUpdates } from './yjs-state.ts';

/**
 * The contents that a document went through, one for each update, in order; null where `wanted` does not ask for it.
 * @throws UndecodableError
 */
export function replay(
  updates: readonly { readonly payload: Uint8Array }[],
  shape: StateShape,
  wanted: (index: number) => boolean,
): readonly (Content | null)[] {
  const doc = openUpdates();
  return updates.map(({ payload }, index) => {
    Y.applyUpdate(doc, payload);
    return wanted(index) ? readDoc(doc, shape) : null;
  });
}
