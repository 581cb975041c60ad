import * as Y from 'yjs';
import { openUpdates } from '../yjs-state.ts';
import { structsIn } from './held.ts';
import { inspectUpdate } from './inspect-update.ts';
import { type ClockRange, covers, type Ranges, rangesOf } from './ranges.ts';

/** What an update hides in a replica though it does not name it among its deletions. */
export interface Hidden {
  /** Of the replica: it stands in a container that the update deletes. */
  readonly held: Ranges;
  /** Of the update itself: it stands in a container that the replica knows to be deleted. */
  readonly own: Ranges;
}

/**
 * Could a device have made an update on this replica? An update names all that its editor saw go, so on the right replica
 * it hides nothing else. What is hidden of the replica was gone from the editor already, or never came to it; what is hidden
 * of the update was written before the deletion came.
 * @param update one that fits the replica
 * @throws RejectedUpdateError
 * @throws UndecodableError
 */
export function hiddenBy(replica: Uint8Array, update: Uint8Array): Hidden {
  const doc = openUpdates(replica);
  const { deletions, clients } = inspectUpdate(update);
  const from = new Map([...clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
  const isOwn = ({ client, clock }: Unit) => clock >= (from.get(client) ?? Number.POSITIVE_INFINITY);
  let units: readonly Unit[] = [];
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    units = deletedIn(doc, transaction).filter(
      ({ client, clock, length }) => !covers(deletions, client, clock, length),
    );
  });
  Y.applyUpdate(doc, update);
  return { held: rangesOf(units.filter((unit) => !isOwn(unit))), own: rangesOf(units.filter(isOwn)) };
}

/** Text and nodes: values of keys come and go by themselves. */
function deletedIn(doc: Y.Doc, { deleteSet }: Y.Transaction): readonly Unit[] {
  return [...deleteSet.clients].flatMap(([client, ranges]) =>
    ranges.flatMap(({ clock, len }) =>
      [...structsIn(doc, client, clock, clock + len)].flatMap((struct) =>
        struct instanceof Y.Item && struct.countable && struct.parentSub === null
          ? [{ client, clock: struct.id.clock, length: struct.length }]
          : [],
      ),
    ),
  );
}

interface Unit extends ClockRange {
  readonly client: number;
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
