import { type Recorded, recordWrite, type Write } from '../documents/record-write.ts';
import type { Stores } from '../documents/stores.ts';
import { lastIn } from '../postgres/brief-transaction.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { meanwhile } from './meanwhile.ts';

/**
 * Records a write, and proves what was computed of it while the database is at that: nothing is committed before.
 * @param isLast nothing follows in the transaction, which is committed with it then
 * @throws what the check throws
 */
export async function recordChecked(
  tx: Queryable,
  stores: Stores,
  write: Write,
  check: () => void,
  isLast: boolean,
): Promise<Recorded> {
  if (isLast) return recordWrite(lastIn(tx, check), stores, write);
  const [recorded, checked] = await meanwhile(() => recordWrite(tx, stores, write), check);
  checked();
  return recorded;
}
