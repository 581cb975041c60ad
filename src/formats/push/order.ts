import * as Y from 'yjs';
import { structsIn } from './held.ts';

/**
 * Does each item that an update brought stand between the neighbours that it names, in one list with them? An editor can
 * write no other; one damaged on its way takes another place whenever the state is read anew, so that replicas diverge.
 * @param held how far each client of the update was held before
 */
export function standsInOrder(doc: Y.Doc, held: ReadonlyMap<number, number>): boolean {
  const lists = new Map<unknown, ReadonlyMap<Y.Item, number>>();
  const placesIn = (parent: Y.AbstractType<unknown>) => {
    const places = lists.get(parent) ?? numbered(parent);
    lists.set(parent, places);
    return places;
  };
  for (const [client, from] of held) {
    for (const struct of structsIn(doc, client, from, Number.POSITIVE_INFINITY)) {
      if (struct instanceof Y.Item && !isBetweenNeighbours(doc, struct, placesIn)) return false;
    }
  }
  return true;
}

function isBetweenNeighbours(
  doc: Y.Doc,
  item: Y.Item,
  placesIn: (parent: Y.AbstractType<unknown>) => ReadonlyMap<Y.Item, number>,
): boolean {
  const { parent, parentSub, origin, rightOrigin } = item;
  if (!(parent instanceof Y.AbstractType)) return true;
  const neighbours = [itemAt(doc, origin), itemAt(doc, rightOrigin)] as const;
  for (const other of neighbours) {
    if (other !== null && (other.parent !== parent || other.parentSub !== parentSub)) return false;
  }
  // A value takes the place of the one before it, and nothing stands behind it.
  if (parentSub !== null) return rightOrigin === null;
  const places = placesIn(parent);
  const place = places.get(item) ?? 0;
  const [left, right] = neighbours.map((other) => (other === null ? undefined : places.get(other)));
  return (left === undefined || left < place) && (right === undefined || place < right);
}

/** The item that holds a unit; null where there is none, or only what is left of one that was collected. */
function itemAt(doc: Y.Doc, id: Y.ID | null): Y.Item | null {
  if (id === null) return null;
  for (const struct of structsIn(doc, id.client, id.clock, id.clock + 1)) {
    if (struct instanceof Y.Item) return struct;
  }
  return null;
}

function numbered(parent: Y.AbstractType<unknown>): ReadonlyMap<Y.Item, number> {
  const places = new Map<Y.Item, number>();
  for (let item = parent._start; item !== null; item = item.right) places.set(item, places.size);
  return places;
}
