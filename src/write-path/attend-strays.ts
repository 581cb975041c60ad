import { presentDocuments } from '../documents/concerned.ts';
import { readStates } from '../documents/local-first.ts';
import { forgetPairs, notePairs } from '../documents/pairs.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * Notes local-first rows whose legacy row is not there, where the application writes both: it may come a moment later.
 * One that lies outside `where` is there, and no document.
 */
export async function attendStrays(tx: Queryable, stores: Stores, ids: readonly string[]): Promise<void> {
  if (stores.config.writePath !== 'own' || ids.length === 0) return;
  const present = new Set(await presentDocuments(tx, stores, ids));
  const absent = ids.filter((id) => !present.has(id));
  const states = await readStates(tx, stores, absent, { lock: true });
  const found = new Set(states.map(({ id }) => id));
  await notePairs(
    tx,
    states.map(({ id, xmin }) => ({ id, legacyXmin: null, localXmin: xmin, written: true })),
  );
  await forgetPairs(
    tx,
    ids.filter((id) => !found.has(id)),
  );
}
