import * as Y from 'yjs';
import { covers, type Ranges, rangesOf } from './ranges.ts';
import { requireStateVector } from './replica.ts';

/**
 * Those updates of a log that a replica held when it made an update, by its state vector. It says nothing of one that only
 * deletes. Editors take in what they are sent in the order of the log, so that was held if a later one was and none before it
 * is missing; and if the update names all of its deletions, as the answer to a sync does.
 * @param updates in the order of the log
 * @param stateVector it may count the update itself
 * @throws RejectedUpdateError if the bytes are no state vector
 */
export function heldUpdates(
  updates: readonly Uint8Array[],
  stateVector: Uint8Array,
  update: Uint8Array,
): readonly Uint8Array[] {
  requireStateVector(stateVector);
  const reached = Y.decodeStateVector(stateVector);
  const named = deletionsOf(update);
  const ends = updates.map((each) => [...Y.parseUpdateMeta(each).to]);
  const isReached = ends.map((end) => end.every(([client, to]) => to <= (reached.get(client) ?? 0)));
  // It holds what it wrote itself wherever that stands in the log: that tells nothing of what it was sent.
  const writers = new Set(Y.parseUpdateMeta(update).to.keys());
  const isSent = (end: (typeof ends)[number]) => end.some(([client]) => !writers.has(client));
  const last = ends.findLastIndex((end, index) => isSent(end) && isReached[index]);
  const missing = isReached.indexOf(false);
  // After one that is missing, only what the replica wrote itself can be held.
  const surely = missing === -1 ? last : Math.min(last, missing);
  const isSure = updates.map((_, index) => (ends[index]?.length === 0 ? index < surely : isReached[index]));
  // A change as it was made names its own deletions only: a text among them stood there, whoever deleted it meanwhile.
  const isWhole = updates.every((each, index) => !isSure[index] || isNamed(deletionsOf(each), named));
  return updates.filter(
    (each, index) =>
      isSure[index] || (isWhole && ends[index]?.length === 0 && isNamed(deletionsOf(each), named)),
  );
}

/** What updates delete, together. */
export function deletionsOf(...updates: readonly Uint8Array[]): Ranges {
  return rangesOf(
    updates.flatMap((update) =>
      [...Y.decodeUpdate(update).ds.clients].flatMap(([client, ranges]) =>
        ranges.map(({ clock, len }) => ({ client, clock, length: len })),
      ),
    ),
  );
}

function isNamed(deletions: Ranges, named: Ranges): boolean {
  return [...deletions].every(([client, ranges]) =>
    ranges.every(({ clock, length }) => covers(named, client, clock, length)),
  );
}
