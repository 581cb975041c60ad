import * as Y from 'yjs';
import { misplacedItem } from '../belongs.ts';
import type { StateShape } from '../client-id.ts';
import type { Content } from '../content.ts';
import { readDoc } from '../decode.ts';
import { UndecodableError } from '../undecodable-error.ts';
import { openUpdates } from '../yjs-state.ts';
import { integrateUpdate } from './integrate-update.ts';

/**
 * What can be read of a state with an update in it that puts embeds where the format has no place for any: the document without
 * them. Null where that is not enough to read it, or where words would be left out, too.
 */
export function contentWithoutEmbeds(
  state: Uint8Array,
  update: Uint8Array,
  shape: StateShape,
): { readonly content: Content; readonly embeds: number } | null {
  const found = integrateUpdate(state, update, shape);
  if (found.kind !== 'refused' || found.code !== 'wrong-content') return null;
  try {
    const doc = openUpdates(state, update);
    const misplaced = [...doc.store.clients.values()]
      .flat()
      .filter((struct) => struct instanceof Y.Item)
      .filter((item) => !item.deleted && misplacedItem(item, shape) !== null);
    if (misplaced.some(({ content }) => !(content instanceof Y.ContentEmbed))) return null;
    doc.transact((transaction) => {
      for (const item of misplaced) item.delete(transaction);
    });
    return { content: readDoc(doc, shape), embeds: misplaced.length };
  } catch (error) {
    if (error instanceof UndecodableError) return null;
    throw error;
  }
}
