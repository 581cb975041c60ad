import { HeldError } from '../errors.ts';
import type { Pool } from '../postgres/pool.ts';

/**
 * Runs `work` while no other demo is at work in the same database: a second one would clear the school of the first.
 * The lock is a session's, on a connection of its own, so it goes with the process that holds it.
 * @throws HeldError `demo-running`
 */
export async function onlyDemo<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('dualpath.demo', 0)) as locked`,
    );
    if (!rows[0]?.locked)
      throw new HeldError(
        'demo-running',
        'Another demo is running in this folder.',
        'Wait for its end, or run the demo in another folder.',
      );
    return await work();
  } finally {
    client.release(true);
  }
}
