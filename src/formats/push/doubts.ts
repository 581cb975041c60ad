import * as Y from 'yjs';
import { openUpdates } from '../yjs-state.ts';
import { gluedBy } from './glued.ts';
import { structsIn } from './held.ts';
import { changesOf } from './inspect-update.ts';
import { goneAround, isDifference, textInserted, textOf } from './own-deletions.ts';
import { covers, type OwnedRange, type Ranges, rangesOf } from './ranges.ts';
import { holdsContent, touchedBy } from './touched.ts';

/**
 * What speaks against a device having made an update on a replica. An editor shows its author all that the replica holds, so
 * an update names all that its author saw go, deletes nothing that is gone, and writes nothing into a block that is gone.
 */
export interface Doubts {
  /** Of the replica: it stands in a container that the update deletes, and the update does not say that it goes. */
  readonly hidden: Ranges;
  /** Of the update: it stands in a container that the replica knows to be deleted. */
  readonly own: Ranges;
  /**
   * Of the replica: it is deleted there, and the update types into it or deletes it: that was written before the replica learned of
   * it.
   */
  readonly gone: Ranges;
  /** Of the replica: it would be one word with what the update writes. Its author may have meant that; or saw it gone. */
  readonly glued: Ranges;
}

/**
 * @param update one that fits the replica
 * @param isListing it lists deletions that it did not make, too
 * @throws RejectedUpdateError
 * @throws UndecodableError
 */
export function doubtsOf(
  replica: Uint8Array,
  update: Uint8Array,
  isListing = isDifference(replica, update),
): Doubts {
  const { deletions, clients } = changesOf(update);
  const doc = openUpdates(replica);
  const held = new Map([...clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
  const isOwn = ({ client, clock }: OwnedRange) => clock >= (held.get(client) ?? Number.POSITIVE_INFINITY);
  let [units, containers]: [readonly OwnedRange[], readonly OwnedRange[]] = [[], []];
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    units = goneIn(transaction).filter(
      ({ client, clock, length }) => !covers(deletions, client, clock, length),
    );
    containers = goneContainers(transaction, held);
  });
  // Yjs splits and joins structs: what they hold is read before.
  const before = [...touchedBy(doc, deletions)].flatMap(({ struct, ...range }) =>
    struct.deleted && holdsContent(struct) ? [{ ...range, text: textOf(struct).trim() }] : [],
  );
  const taken = liveTextIn(doc, deletions);
  Y.applyUpdate(doc, update);
  const again = isListing ? before.filter(isCopiedBy(textInserted(doc, held), taken)) : before;
  return {
    hidden: rangesOf(units.filter((unit) => !isOwn(unit))),
    own: rangesOf(units.filter(isOwn)),
    gone: rangesOf([...again, ...containers]),
    glued: gluedBy({ doc, deletions, held }),
  };
}

/** Could the device have known all of the replica? What is glued may have been meant. */
export const isPossible = ({ hidden, own, gone }: Omit<Doubts, 'glued'>): boolean =>
  gone.size === 0 && hidden.size === 0 && own.size === 0;

/** Text and nodes that went in a transaction. */
function goneIn({ doc, deleteSet }: Y.Transaction): readonly OwnedRange[] {
  return [...deleteSet.clients].flatMap(([client, ranges]) =>
    ranges.flatMap(({ clock, len }) =>
      [...structsIn(doc, client, clock, clock + len)].flatMap((struct) =>
        holdsContent(struct) ? [{ client, clock: struct.id.clock, length: struct.length }] : [],
      ),
    ),
  );
}

/**
 * A difference lists what others deleted, too; but a text of which it brings a copy its device saw when it wrote, unless it
 * took the copy from what it deletes itself.
 */
function isCopiedBy(inserted: string, taken: string): (deleted: { readonly text: string }) => boolean {
  const [copies, sources] = [apart(inserted), apart(taken)];
  return ({ text }) => text !== '' && copies.includes(apart(text)) && !sources.includes(apart(text));
}

/** Pieces of words stand everywhere and say nothing of a copy. */
const apart = (text: string): string => ` ${text.replace(/\s+/g, ' ')} `;

/** The text that an update deletes, of what is there. */
const liveTextIn = (doc: Y.Doc, deletions: Ranges): string =>
  [...touchedBy(doc, deletions)]
    .filter(({ struct }) => !struct.deleted)
    .map(({ struct, clock, length }) =>
      textOf(struct)
        .slice(clock - struct.id.clock)
        .slice(0, length),
    )
    .join('\n');

/** What was deleted before and holds something that the update writes. */
function goneContainers(
  transaction: Y.Transaction,
  held: ReadonlyMap<number, number>,
): readonly OwnedRange[] {
  const found: OwnedRange[] = [];
  for (const [client, from] of held) {
    for (const struct of structsIn(transaction.doc, client, from, Number.POSITIVE_INFINITY)) {
      if (!(struct instanceof Y.Item) || !struct.countable) continue;
      found.push(...goneAround(transaction, struct).map(({ id }) => ({ ...id, length: 1 })));
    }
  }
  return found;
}

/** Does an update delete anything of these? */
export function deletesAny(update: Uint8Array, units: Ranges): boolean {
  for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
    for (const { clock, len } of ranges) {
      if (units.get(client)?.some((unit) => unit.clock < clock + len && clock < unit.clock + unit.length))
        return true;
    }
  }
  return false;
}

/** Does an update write any of these? */
export function writesAny(update: Uint8Array, units: Ranges): boolean {
  if (units.size === 0) return false;
  const { from, to } = Y.parseUpdateMeta(update);
  return [...units].some(([client, ranges]) =>
    ranges.some(
      ({ clock, length }) => clock < (to.get(client) ?? 0) && (from.get(client) ?? 0) < clock + length,
    ),
  );
}
