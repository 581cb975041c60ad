import { corrupt } from './byte-reader.ts';
import { CONTENT } from './read-content.ts';
import type { ItemStruct, Struct, UnitId } from './read-update.ts';

/**
 * How many types of an update lie inside each other, without recursion: Yjs deletes and readers walk by recursion, so this
 * must be known before. What lies inside a type that the update does not hold counts from there.
 * @throws RejectedUpdateError `corrupt` if items name each other in a circle
 */
export function deepestNesting(structs: readonly Struct[]): number {
  const find = finderIn(structs);
  const containers = new Map<ItemStruct, ItemStruct | null>();
  const depths = new Map<ItemStruct | null, number>([[null, 0]]);

  const neighbourOf = ({ origin, rightOrigin }: ItemStruct) => {
    const id = origin ?? rightOrigin;
    return id === null ? undefined : find(id);
  };

  /** Null at the top of a document or outside the update, undefined where a neighbour must be asked. */
  const knownContainer = (item: ItemStruct): ItemStruct | null | undefined => {
    const { parent } = item;
    if (parent !== null) return typeof parent === 'string' ? null : (find(parent) ?? null);
    return neighbourOf(item) === undefined ? null : containers.get(item);
  };

  /** An item with a neighbour lies where that one lies. */
  const containerOf = (item: ItemStruct): ItemStruct | null => {
    const chain: ItemStruct[] = [];
    let found = knownContainer(item);
    for (let at = neighbourOf(item); found === undefined && at !== undefined; at = neighbourOf(at)) {
      chain.push(at);
      if (chain.length > structs.length) throw corrupt('items that name each other in a circle');
      found = knownContainer(at);
    }
    for (const part of [item, ...chain]) containers.set(part, found ?? null);
    return found ?? null;
  };

  const depthOf = (item: ItemStruct): number => {
    const chain: ItemStruct[] = [];
    let at: ItemStruct | null = item;
    while (depths.get(at) === undefined && at !== null) {
      chain.push(at);
      if (chain.length > structs.length) throw corrupt('items that lie inside each other in a circle');
      at = containerOf(at);
    }
    let depth = depths.get(at) ?? 0;
    for (const part of chain.reverse()) depths.set(part, ++depth);
    return depth;
  };

  let deepest = 0;
  for (const struct of structs) {
    if (struct.kind === 'item' && struct.content === CONTENT.type)
      deepest = Math.max(deepest, depthOf(struct));
  }
  return deepest;
}

/** Finds the item of an update that holds a unit. Each client's structs stand together, by their clocks. */
function finderIn(structs: readonly Struct[]): (id: UnitId) => ItemStruct | undefined {
  const bounds = new Map<number, [from: number, to: number]>();
  structs.forEach(({ client }, index) => {
    bounds.set(client, [bounds.get(client)?.[0] ?? index, index]);
  });
  return ({ client, clock }) => {
    let [from, to] = bounds.get(client) ?? [0, -1];
    while (from <= to) {
      const middle = (from + to) >> 1;
      const struct = structs[middle];
      if (struct === undefined) return undefined;
      if (clock < struct.clock) to = middle - 1;
      else if (clock >= struct.clock + struct.length) from = middle + 1;
      else return struct.kind === 'item' ? struct : undefined;
    }
    return undefined;
  };
}
