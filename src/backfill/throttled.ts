import { setTimeout as sleep } from 'node:timers/promises';
import { restMs } from '../core/throttle.ts';
import { checkGoingOn, type Fence } from '../documents/fence.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Governor } from './load.ts';

/** The same items at the governor's rate: after each the lane rests in proportion to the time its consumer worked. */
export async function* throttled<T>(
  items: AsyncIterable<T>,
  governor: Governor,
  signal: AbortSignal,
): AsyncGenerator<T> {
  for await (const item of items) {
    await governor.look();
    const startedAt = performance.now();
    yield item;
    const { rate } = await governor.look();
    const rest = restMs(rate, performance.now() - startedAt);
    // An aborted sleep rejects with an error of its own; what the caller aborted with says more.
    if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * The same items while the cohort is running and ours: before each it asks the database and the signal.
 * @throws HeldError `paused` or `fenced`; the reason of the signal.
 */
export async function* whileHeld<T>(
  items: AsyncIterable<T>,
  db: Queryable,
  fence: Fence,
  signal: AbortSignal,
): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    await checkGoingOn(db, fence);
    yield item;
  }
}
