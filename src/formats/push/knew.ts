import * as Y from 'yjs';
import { openUpdates } from '../yjs-state.ts';
import { structsIn } from './held.ts';
import { inspectUpdate } from './inspect-update.ts';
import { isDifference } from './own-deletions.ts';
import { covers, type Ranges } from './ranges.ts';
import { typesIntoGone } from './suspicion.ts';

/**
 * Can a device have known all of a state when it wrote an update? Not if the update deletes a block and not what stands in
 * it, types into a block that is gone, or deletes what is gone: the device took the state in
 * only after it had written, before it sent. What it then shows says nothing of what its author saw.
 * @param state what the device's replica is thought to have held; the update builds on nothing that is missing in it
 */
export function canHaveKnown(state: Uint8Array, update: Uint8Array): boolean {
  const { deletions, clients } = inspectUpdate(update);
  const doc = openUpdates(state);
  const held = new Map([...clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
  if (!isDifference(state, update) && deletesAgain(doc, deletions)) return false;
  let known = true;
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    known = !hides(transaction, deletions) && !typesIntoGone(transaction, held);
  });
  Y.applyUpdate(doc, update);
  return known;
}

function deletesAgain(doc: Y.Doc, deletions: Ranges): boolean {
  for (const [client, ranges] of deletions) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(doc, client, clock, clock + length)) {
        if (struct.deleted && struct instanceof Y.Item && struct.countable && struct.parentSub === null)
          return true;
      }
    }
  }
  return false;
}

/** Something went with its block that the update does not name: its author never saw it there. */
function hides({ deleteSet }: Y.Transaction, deletions: Ranges): boolean {
  for (const [client, gone] of deleteSet.clients) {
    for (const { clock, len } of gone) if (!covers(deletions, client, clock, len)) return true;
  }
  return false;
}
