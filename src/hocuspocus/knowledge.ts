import { inspectUpdate, missingFor, RejectedUpdateError } from '../formats/index.ts';

/**
 * What an update says of the replica it was made on. `same`: it builds on nothing but what those before it built on, or
 * wrote; `more`: its client had learned something since; `damaged`: nothing can be told.
 */
export type Learned = 'same' | 'more' | 'damaged';

/**
 * Follows what a client must have known, update by update. Two between which it learned something must never be pushed as
 * one: the base of the second would pass for that of the first, and what the first put into text that had been moved away
 * meanwhile would be taken for text put where everybody knew nothing is to be seen.
 */
export function followKnowledge(): (update: Uint8Array) => Learned {
  const known = new Map<number, number>();
  const know = (client: number, clock: number) => known.set(client, Math.max(clock, known.get(client) ?? 0));
  return (update) => {
    try {
      const inspected = inspectUpdate(update);
      const missing = missingFor(inspected, (client) => known.get(client) ?? 0);
      for (const [client, clock] of missing) know(client, clock);
      for (const [client, { to }] of inspected.clients) know(client, to);
      return missing.size === 0 ? 'same' : 'more';
    } catch (error) {
      // The push says what is wrong with it.
      if (error instanceof RejectedUpdateError) return 'damaged';
      throw error;
    }
  };
}
