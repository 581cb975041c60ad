import * as Y from 'yjs';
import { inspectUpdate } from './inspect-update.ts';
import { missingFor } from './missing.ts';
import { RejectedUpdateError } from './rejected-update-error.ts';

/** Does an update wait for something that a state of this vector does not hold? One that cannot be read waits for nothing. */
export function lacks(update: Uint8Array, vector: Uint8Array): boolean {
  const held = Y.decodeStateVector(vector);
  try {
    return missingFor(inspectUpdate(update), (client) => held.get(client) ?? 0).size > 0;
  } catch (error) {
    if (error instanceof RejectedUpdateError) return false;
    throw error;
  }
}

/**
 * Would an update that waits for something lack less if others were part of a state of this vector? Others that Yjs cannot read
 * bring nothing.
 * @throws RejectedUpdateError if the update itself cannot be read
 */
export function buildsOn(update: Uint8Array, vector: Uint8Array, others: readonly Uint8Array[]): boolean {
  const inspected = inspectUpdate(update);
  const held = Y.decodeStateVector(vector);
  const withOthers = new Map(held);
  for (const [client, clock] of others.flatMap(reachOf))
    withOthers.set(client, Math.max(clock, withOthers.get(client) ?? 0));
  const lacking = (vector: ReadonlyMap<number, number>) =>
    missingFor(inspected, (client) => vector.get(client) ?? 0);
  const lackingThen = lacking(withOthers);
  return [...lacking(held)].some(([client, clock]) => (lackingThen.get(client) ?? 0) < clock);
}

function reachOf(update: Uint8Array): readonly (readonly [number, number])[] {
  try {
    return [...Y.parseUpdateMeta(update).to];
  } catch {
    return [];
  }
}
