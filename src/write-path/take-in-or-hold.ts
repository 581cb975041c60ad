import { quarantine } from '../documents/quarantine.ts';
import type { Sides } from '../documents/sides.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Outcome, takeIn } from './ingest.ts';
import { behindSavepoint } from './second-store.ts';
import type { Refusal } from './seed.ts';

/**
 * Takes in the row of a document that the caller holds. Where the second store refuses it the document is held in
 * quarantine, and the caller's transaction goes on: what the legacy path does never hangs on the other one.
 * @param xmin of the row that is taken in
 */
export async function takeInOrHold(
  tx: Queryable,
  stores: Stores,
  { key, link, row }: Pick<Sides, 'key' | 'link' | 'row'>,
  xmin: string | null,
): Promise<{ readonly outcome: Outcome; readonly refused: Refusal | null }> {
  const taken = await behindSavepoint(tx, () => takeIn(tx, stores, [key]));
  if ('done' in taken) return { outcome: taken.done[0]?.outcome ?? 'unchanged', refused: null };
  const { refused } = taken;
  const cohort = link?.cohort ?? row?.cohort;
  if (cohort == null) throw new Error('a document of no cohort was taken in');
  await quarantine(tx, [{ id: key, cohort, ...refused, legacyXmin: xmin }]);
  return { outcome: 'quarantined', refused };
}
