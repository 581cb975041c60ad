import { documentKey } from '../documents/document-key.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import { UsageError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Session } from '../rollout/session.ts';
import { takeIn } from '../write-path/ingest.ts';

/** A document held on legacy. */
export interface Quarantined {
  readonly document: string;
  readonly cohort: string;
  readonly code: string;
  readonly reason: string;
  readonly since: string;
}

export interface RetryReport {
  readonly tried: number;
  readonly released: number;
}

/** Documents tried in one transaction. */
const BATCH = 50;

export async function listQuarantine(db: Queryable): Promise<readonly Quarantined[]> {
  const { rows } = await db.query<Omit<Quarantined, 'since'> & { since: Date }>(
    `select document_id as document, cohort, code, reason, since from dualpath.quarantine order by since, document_id`,
  );
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}

/** Takes held documents in again, one of them or all: what converts now is seeded and let go. */
export async function retryQuarantined(
  session: Session,
  document: string | undefined,
  dryRun: boolean,
): Promise<RetryReport> {
  const { pool, stores, operator } = session;
  const held = (await listQuarantine(pool))
    .map((each) => each.document)
    .filter((id) => document === undefined || id === documentKey(document));
  if (document !== undefined && held.length === 0) throw notHeld(document);
  if (dryRun) return { tried: held.length, released: 0 };
  const started = await startedCohorts(pool);
  for (let from = 0; from < held.length; from += BATCH) {
    const ids = held.slice(from, from + BATCH);
    await inTransaction(pool, async (tx) => {
      // Held rows are passed over until they change: forgetting which one was tried makes each worth another try.
      await tx.query(
        `update dualpath.quarantine set legacy_xmin = null where document_id = any($1::text[])`,
        [ids],
      );
      await takeIn(tx, stores, ids, started);
      await appendJournal(tx, operator, 'quarantine-retried', null, { documents: ids.length });
    });
  }
  const left = new Set((await listQuarantine(pool)).map((each) => each.document));
  return { tried: held.length, released: held.filter((id) => !left.has(id)).length };
}

const notHeld = (document: string): UsageError =>
  new UsageError(
    'not-quarantined',
    'This document is not in quarantine.',
    'See `dualpath quarantine list` for those that are.',
    { document },
  );
