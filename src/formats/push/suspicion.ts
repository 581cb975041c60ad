import * as Y from 'yjs';
import type { StateShape } from '../client-id.ts';
import { openUpdates } from '../yjs-state.ts';
import { isDisplaced, leavesAnIsland, splitsAWord } from './displaced.ts';
import { gluesWords } from './glued.ts';
import { isBare, structsIn } from './held.ts';
import type { Inspected } from './inspect-update.ts';
import { goneAround } from './own-deletions.ts';
import { covers, type OwnedRange, type Ranges } from './ranges.ts';
import type { Sides } from './sides.ts';
import { holdsContent, touchedBy } from './touched.ts';

/** The state of the device's replica before an update; undefined where it is not known. */
export type Replica = () => Uint8Array | undefined;

/**
 * Watches a merge for what a tree CRDT does to text that one side changes while the other splits, joins, moves, wraps or
 * retypes its block, which in Yjs are all "delete, and insert a copy". It looks at the update's own items and deletions
 * and their neighbours, never at the whole document, so it costs people who type nothing to speak of.
 *
 * Call it before the update is applied, and what it returns after that. `true` means that a three-way merge must look;
 * that finds nothing to repair where the two sides only happened to delete the same.
 */
export function watchMerge(
  doc: Y.Doc,
  update: Uint8Array,
  inspected: Inspected,
  { format }: StateShape,
  held: ReadonlyMap<number, number>,
  replica: Replica | undefined,
): (canonical: string) => boolean {
  const { deletions } = inspected;
  const twice = deletedBefore(doc, deletions);
  let hidden = false;
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    for (const [client, ranges] of transaction.deleteSet.clients) {
      for (const { clock, len } of ranges) if (!covers(deletions, client, clock, len)) hidden = true;
    }
    hidden ||= typesIntoGone(transaction, held);
  });
  return (canonical) => {
    if (hidden || hasCollected(doc, inspected, held)) return true;
    const wasSeen = once(() => openReplica(replica));
    if (twice.some((range) => isConcurrent(wasSeen(), range))) return true;
    const wasMade = once(() => openReplica(replica, update));
    const sides: Sides = { doc, deletions, held, canonical, wasSeen, wasMade };
    if (splitsAWord(sides) || gluesWords(sides)) return true;
    return hasBlocks(format) && (isDisplaced(sides) || leavesAnIsland(sides));
  };
}

/** Does an update delete text that somebody deleted while the device could not know? */
export function deletesTwice(doc: Y.Doc, deletions: Ranges, replica: Replica | undefined): boolean {
  const twice = deletedBefore(doc, deletions);
  if (twice.length === 0) return false;
  const seen = openReplica(replica);
  return twice.some((range) => isConcurrent(seen, range));
}

/** The other formats have no blocks to copy, and text that stays where it was typed. */
function hasBlocks(format: StateShape['format']): boolean {
  return format === 'prosemirror';
}

/**
 * What the update deletes and somebody deleted already. If both sides put a copy elsewhere it stands twice now; if one
 * did, the other one's deletion came to nothing.
 */
const deletedBefore = (doc: Y.Doc, deletions: Ranges): readonly OwnedRange[] =>
  [...touchedBy(doc, deletions)].filter(
    ({ struct }) => struct.deleted && (isBare(struct) || holdsContent(struct)),
  );

/** A delete set tells everything that a replica ever deleted, so what was deleted there before the update says nothing. */
function isConcurrent(replica: Y.Doc | undefined, { client, clock, length }: OwnedRange): boolean {
  if (replica === undefined) return true;
  if (Y.getState(replica.store, client) < clock + length) return true;
  for (const struct of structsIn(replica, client, clock, clock + length)) if (!struct.deleted) return true;
  return false;
}

/** A difference lists as deleted what its device typed into a block that somebody deleted: it did not delete that. */
function typesIntoGone(transaction: Y.Transaction, held: ReadonlyMap<number, number>): boolean {
  for (const [client, from] of held) {
    for (const struct of structsIn(transaction.doc, client, from, Number.POSITIVE_INFINITY)) {
      if (struct instanceof Y.Item && struct.countable && goneAround(transaction, struct).length > 0)
        return true;
    }
  }
  return false;
}

/** Items whose container was collected are destroyed as they arrive. */
function hasCollected(
  doc: Y.Doc,
  { structs, clients }: Inspected,
  held: ReadonlyMap<number, number>,
): boolean {
  const reach = (client: number) => held.get(client) ?? 0;
  let destroyed = 0;
  for (const [client, { to }] of clients) {
    for (const struct of structsIn(doc, client, reach(client), to)) {
      if (struct instanceof Y.GC)
        destroyed += struct.id.clock + struct.length - Math.max(struct.id.clock, reach(client));
    }
  }
  if (destroyed === 0) return false;
  for (const { kind, client, clock, length } of structs) {
    if (kind === 'gc') destroyed -= Math.max(0, clock + length - Math.max(clock, reach(client)));
  }
  return destroyed > 0;
}

function openReplica(replica: Replica | undefined, ...updates: readonly Uint8Array[]): Y.Doc | undefined {
  const state = replica?.();
  return state === undefined ? undefined : openUpdates(state, ...updates);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
