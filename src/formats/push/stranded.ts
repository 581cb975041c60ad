import * as Y from 'yjs';
import { openUpdates } from '../yjs-state.ts';
import { doubtsOf } from './doubts.ts';
import { structsIn } from './held.ts';

/**
 * What a device wrote and its own replica, as far as it is known, does not show: the block was deleted there. Nobody deleted the
 * words, so whoever merges must find a place for them.
 * @returns texts as they stood beside each other
 */
export function strandedTexts(replica: Uint8Array, update: Uint8Array): readonly string[] {
  const { own } = doubtsOf(replica, update);
  if (own.size === 0) return [];
  const doc = openUpdates(replica);
  Y.applyUpdate(doc, update);
  const byParent = new Map<unknown, string>();
  for (const [client, ranges] of own) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(doc, client, clock, clock + length)) {
        if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
        byParent.set(struct.parent, `${byParent.get(struct.parent) ?? ''}${struct.content.str}`);
      }
    }
  }
  return [...byParent.values()].map((text) => text.trim()).filter((text) => text !== '');
}
