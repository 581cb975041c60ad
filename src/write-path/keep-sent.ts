import { keepRejected, type Rejected } from '../documents/rejected.ts';
import type { CallOptions, StoreContext } from './context.ts';

/** Keeps what was sent and could not be taken, beside the transaction that writes nothing. */
export async function keepSent(
  { pool }: StoreContext,
  { tx }: CallOptions,
  rejected: Rejected,
): Promise<void> {
  const keeping = keepRejected(pool, rejected);
  if (tx === undefined) return keeping;
  // The caller keeps a connection until it hears of the failure: to wait for another one could be to wait for itself.
  keeping.catch(() => undefined);
}
