import type { Queryable } from '../postgres/queryable.ts';

export type ConflictClass = 'notice' | 'needs-review' | 'quarantine';

/** A merge that a person may want to look at. Contents are ids of kept versions, `version` is our number of the result. */
export interface NewConflict {
  readonly document: string;
  readonly cohort: string;
  readonly class: ConflictClass;
  /** Codes. */
  readonly reasons: readonly string[];
  readonly origin: 'save' | 'push' | 'capture';
  readonly device: string | null;
  readonly baseKnown: string;
  readonly base: string | null;
  /** The head before. */
  readonly ours: string | null;
  /** What came. */
  readonly theirs: string | null;
  readonly result: string | null;
  readonly version: string;
}

export async function insertConflict(tx: Queryable, conflict: NewConflict): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into dualpath.conflicts
       (document_id, cohort, class, reasons, origin, device_id, base_known, base, ours, theirs, result, version)
     values ($1::text, $2::text, $3::text, $4::text[], $5::text, $6::text, $7::text, $8::bigint, $9::bigint,
             $10::bigint, $11::bigint, $12::bigint)
     returning id::text as id`,
    [
      conflict.document,
      conflict.cohort,
      conflict.class,
      conflict.reasons,
      conflict.origin,
      conflict.device,
      conflict.baseKnown,
      conflict.base,
      conflict.ours,
      conflict.theirs,
      conflict.result,
      conflict.version,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('a conflict could not be recorded');
  return row.id;
}

/** The open conflict of an update that this device sent and that was refused for this reason. */
export async function readOpenConflict(
  db: Queryable,
  document: string,
  device: string,
  why: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id::text as id from dualpath.conflicts
      where document_id = $1::text and device_id = $2::text and class = 'quarantine' and reasons = array[$3::text]
        and resolved_at is null order by conflicts.id desc limit 1`,
    [document, device, why],
  );
  return rows[0]?.id ?? null;
}
