import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from './pool.ts';
import { inTransaction } from './transaction.ts';

/** Short beside the round or the flag write that is waited for, and ten questions a second cost nothing. */
const LOOK_EVERY_MS = 100;

/**
 * Does `work` while no other session anywhere does work under this name. The lock is a transaction's on a connection of
 * its own, so it ends with its process and works through poolers. Whoever waits holds no connection: through a small
 * pool, those that wait would starve the one that works.
 * @throws the reason of `signal` while waiting
 */
export async function underNamedLock<T>(
  pool: Pool,
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  while (true) {
    signal?.throwIfAborted();
    const tried = await inTransaction(pool, async (lock): Promise<{ readonly result: T } | null> => {
      await lock.query(`set local idle_in_transaction_session_timeout = 0`);
      const { rows } = await lock.query<{ mine: boolean }>(
        `select pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) as mine`,
        [name],
      );
      return rows[0]?.mine ? { result: await work() } : null;
    });
    if (tried) return tried.result;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
