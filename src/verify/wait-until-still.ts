import { setTimeout as sleep } from 'node:timers/promises';
import { untilStill } from '../documents/pairs.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * Where the application writes both stores by itself: waits until the cohort's pairs as they are known now have been
 * unchanged for `settle`, and no longer, however much is written meanwhile.
 */
export async function waitUntilStill(
  db: Queryable,
  stores: Stores,
  cohort: string,
  signal?: AbortSignal,
): Promise<void> {
  const { writePath, settleMs } = stores.config;
  if (writePath === 'library') return;
  const left = await untilStill(db, cohort, settleMs);
  if (left > 0) await sleep(left, undefined, { signal });
}
