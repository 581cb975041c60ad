import * as Y from 'yjs';
import { ByteWriter } from '../byte-writer.ts';
import { openUpdates } from '../yjs-state.ts';
import { structsIn } from './held.ts';
import { changesOf, inspectUpdate } from './inspect-update.ts';
import { covers, includes, type OwnedRange, type Ranges, rangesOf } from './ranges.ts';
import { deletionsFrom } from './read-update.ts';

/**
 * A difference with only the deletions that its device made, as far as can be told. A provider that sends what a state
 * vector lacks sends every deletion that its replica knows of, whoever made it; and where somebody deleted a block, what
 * the device had typed in it counts as deleted there, too. What was deleted already is the device's own doing only where
 * it put a copy elsewhere.
 * @param state the document without the update, of which it builds on nothing that is missing
 */
export function withOwnDeletions(state: Uint8Array, update: Uint8Array): Uint8Array {
  const { deletions, clients } = inspectUpdate(update);
  const doc = openUpdates(state);
  const held = new Map([...clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
  let own: Ranges = new Map();
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    const inserted = textInserted(doc, held);
    own = rangesOf([
      ...deletedNow(transaction, deletions, held),
      ...deletedBefore(transaction, deletions, (struct) => {
        const carried = clients.get(struct.id.client);
        const text = textOf(struct).trim();
        // What comes with the update and is gone already was never there, for whoever merges it.
        if (carried !== undefined && struct.id.clock >= carried.from && struct.id.clock < carried.to)
          return true;
        return text !== '' && inserted.includes(text);
      }),
    ]);
  });
  Y.applyUpdate(doc, update);
  return withDeletions(update, own);
}

/**
 * Is it a difference, which tells every deletion that the replica of its device knows of?
 * @param replica what the replica held at least
 */
export function isDifference(replica: Uint8Array, update: Uint8Array): boolean {
  const { deletions } = changesOf(update);
  let deleted = false;
  for (const [client, structs] of openUpdates(replica).store.clients) {
    for (const { id, length, deleted: isDeleted } of structs) {
      if (isDeleted && !covers(deletions, client, id.clock, length)) return false;
      deleted ||= isDeleted;
    }
  }
  return deleted;
}

/**
 * Does an update write nothing, and tell of all that another one deletes among other deletions? Then it is a difference to a state
 * that held what the other one writes, and its device had that.
 */
export function tellsOf(update: Uint8Array, other: Uint8Array): boolean {
  const { structs, deletions } = inspectUpdate(update);
  const parts = (of: Ranges) =>
    [...of].flatMap(([client, ranges]) => ranges.map(({ clock, length }) => ({ client, clock, length })));
  const told = parts(changesOf(other).deletions);
  if (structs.length > 0 || told.length === 0) return false;
  const size = (of: readonly OwnedRange[]) => of.reduce((sum, { length }) => sum + length, 0);
  return (
    told.every(({ client, clock, length }) => covers(deletions, client, clock, length)) &&
    size(parts(deletions)) > size(told)
  );
}

/** What a new item stands in, and was deleted before this transaction. */
export function goneAround({ deleteSet }: Y.Transaction, item: Y.Item): readonly Y.Item[] {
  const found: Y.Item[] = [];
  for (let at = parentOf(item); at !== null; at = parentOf(at)) {
    if (at.deleted && !Y.isDeleted(deleteSet, at.id)) found.push(at);
  }
  return found;
}

const isInGone = (transaction: Y.Transaction, item: Y.Item): boolean =>
  goneAround(transaction, item).length > 0;

const parentOf = ({ parent }: Y.Item): Y.Item | null =>
  parent instanceof Y.AbstractType ? parent._item : null;

function* deletedNow(
  transaction: Y.Transaction,
  deletions: Ranges,
  held: ReadonlyMap<number, number>,
): Generator<OwnedRange> {
  const { doc, deleteSet } = transaction;
  for (const [client, gone] of deleteSet.clients) {
    for (const { clock, len } of gone) {
      for (const struct of structsIn(doc, client, clock, clock + len)) {
        const isNew = struct.id.clock >= (held.get(client) ?? Number.POSITIVE_INFINITY);
        const isKept = isNew && struct instanceof Y.Item && isInGone(transaction, struct);
        if (isKept || !includes(deletions, struct.id)) continue;
        yield { client, clock: struct.id.clock, length: struct.length };
      }
    }
  }
}

function* deletedBefore(
  { doc, deleteSet }: Y.Transaction,
  deletions: Ranges,
  isOwn: (struct: Y.Item | Y.GC) => boolean,
): Generator<OwnedRange> {
  for (const [client, ranges] of deletions) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(doc, client, clock, clock + length)) {
        if (Y.isDeleted(deleteSet, struct.id) || !isOwn(struct)) continue;
        yield { client, clock: struct.id.clock, length: struct.length };
      }
    }
  }
}

/** All text that the clients of an update wrote beyond what was held. */
export function textInserted(doc: Y.Doc, held: ReadonlyMap<number, number>): string {
  const texts: string[] = [];
  for (const [client, from] of held) {
    for (const struct of structsIn(doc, client, from, Number.POSITIVE_INFINITY)) texts.push(textOf(struct));
  }
  return texts.join('\n');
}

export const textOf = (struct: Y.Item | Y.GC): string =>
  struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : '';

/**
 * An update without the deletions of what its device did not have: what others typed into a block that it deleted is deleted in
 * its replica as well, as soon as that came.
 * @param replica what it had before it made the update
 */
export function withDeletionsKnown(replica: Uint8Array, update: Uint8Array): Uint8Array {
  const { deletions, clients } = changesOf(update);
  const reached = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(replica));
  const known: OwnedRange[] = [];
  for (const [client, ranges] of deletions) {
    const reach = Math.max(reached.get(client) ?? 0, clients.get(client)?.to ?? 0);
    for (const { clock, length } of ranges)
      if (clock < reach) known.push({ client, clock, length: Math.min(length, reach - clock) });
  }
  return withDeletions(update, rangesOf(known));
}

/** An update that deletes nothing. */
export const withoutDeletions = (update: Uint8Array): Uint8Array => withDeletions(update, new Map());

/** The same structs with other deletions, as Yjs encodes them in V1. */
function withDeletions(update: Uint8Array, deletions: Ranges): Uint8Array {
  const writer = new ByteWriter(update.length);
  writer.raw(update.subarray(0, deletionsFrom(update)));
  writeDeletions(writer, deletions);
  return writer.written();
}

/** As Yjs ends an update in V1. */
export function writeDeletions(writer: ByteWriter, deletions: Ranges): void {
  writer.varUint(deletions.size);
  for (const [client, ranges] of deletions) {
    writer.varUint(client);
    writer.varUint(ranges.length);
    for (const { clock, length } of ranges) {
      writer.varUint(clock);
      writer.varUint(length);
    }
  }
}
