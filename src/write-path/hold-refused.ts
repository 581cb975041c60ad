import { claimCaptures, deleteCaptures } from '../documents/captures.ts';
import { readLegacyRows } from '../documents/legacy.ts';
import { readLinks } from '../documents/links.ts';
import { quarantine } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Outcome } from './ingest.ts';

/**
 * Quarantines a document that the database itself refuses to store: a CHECK on the application's local-first table, a
 * limit of the server. The server's message may quote the content; its SQLSTATE never does.
 */
export async function holdRefused(pool: Pool, stores: Stores, id: string, state: string): Promise<Outcome> {
  return inTransaction(pool, async (tx): Promise<Outcome> => {
    const captures = await claimCaptures(tx, 'document', [id]);
    const [row] = await readLegacyRows(tx, stores, [id]);
    const [link] = await readLinks(tx, [id]);
    const cohort = link?.cohort ?? row?.cohort;
    if (cohort != null) {
      const reason = `The database refuses to store it (SQLSTATE ${state}).`;
      await quarantine(tx, [{ id, cohort, code: 'not-stored', reason, legacyXmin: row?.xmin ?? null }]);
    }
    await deleteCaptures(
      tx,
      captures.map((capture) => capture.id),
    );
    return 'quarantined';
  });
}
