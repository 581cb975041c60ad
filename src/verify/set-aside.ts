import { readLegacyRows } from '../documents/legacy.ts';
import { readLinks } from '../documents/links.ts';
import { deleteState, readStates } from '../documents/local-first.ts';
import type { Stores } from '../documents/stores.ts';
import { keepVersions } from '../documents/updates.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * Takes a local-first row out of the way that belongs to no document: its bytes are kept as a version, exactly as they
 * were, and the row is deleted. Only for a row that a person named, for somebody else wrote it. Gives false, and does
 * nothing, where it has a legacy row or a link by now.
 */
export async function setAside(tx: Queryable, stores: Stores, id: string): Promise<boolean> {
  const rows = await readLegacyRows(tx, stores, [id], { lock: true });
  const links = await readLinks(tx, [id], { lock: true });
  const [row] = await readStates(tx, stores, [id], { lock: true });
  if (rows.length + links.length > 0 || !row) return false;
  const content = `base64:${Buffer.from(row.state).toString('base64')}`;
  await keepVersions(tx, [{ id, content, legacyRevision: null, source: 'repair' }]);
  await deleteState(tx, stores, id);
  return true;
}
