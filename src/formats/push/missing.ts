import type { Inspected } from './inspect-update.ts';
import type { UnitId } from './read-update.ts';

/**
 * The clocks that must be there before an update can be applied whole: client → how far its clocks must be held. Yjs would
 * apply the rest at once and set this aside; here an update waits as one.
 * @param held how far a client's clocks are held now
 */
export function missingFor(
  { structs, deletions, clients }: Inspected,
  held: (client: number) => number,
): ReadonlyMap<number, number> {
  const missing = new Map<number, number>();
  const need = (client: number, clock: number) => {
    missing.set(client, Math.max(clock, missing.get(client) ?? 0));
  };

  const reached = new Map([...clients.keys()].map((client) => [client, held(client)]));
  const reach = (client: number) => reached.get(client) ?? held(client);
  for (const { kind, client, clock, length } of structs) {
    if (kind === 'skip') continue;
    if (clock > reach(client)) need(client, clock);
    else reached.set(client, Math.max(reach(client), clock + length));
  }

  const needUnit = (id: UnitId | string | null) => {
    if (id !== null && typeof id !== 'string' && id.clock >= reach(id.client)) need(id.client, id.clock + 1);
  };
  for (const struct of structs) {
    if (struct.kind !== 'item' || struct.clock + struct.length <= held(struct.client)) continue;
    needUnit(struct.origin);
    needUnit(struct.rightOrigin);
    needUnit(struct.parent);
  }
  for (const [client, ranges] of deletions) {
    const last = ranges.at(-1);
    if (last !== undefined && last.clock + last.length > reach(client))
      need(client, last.clock + last.length);
  }
  return missing;
}
