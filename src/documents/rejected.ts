import type { Queryable } from '../postgres/queryable.ts';

/** What was sent and could not be taken. `reason` is a code. */
export interface Rejected {
  readonly document: string;
  readonly device: string | null;
  readonly kind: 'save' | 'push';
  readonly reason: string;
  readonly payload: Uint8Array;
  /** It is sound, and somebody's: it could not be taken for what became of its document. */
  readonly isWork: boolean;
}

/** A client that sends bad bytes for ever shall not fill the disk: enough of a device to find out what it does. */
const MOST_KEPT = 50;

/**
 * Keeps bytes that could be somebody's work, in a transaction of their own: the call they came with is undone. Bytes that
 * are kept already are not kept again.
 */
export async function keepRejected(db: Queryable, rejected: Rejected): Promise<void> {
  await db.query(
    `insert into dualpath.rejected (document_id, device_id, kind, reason, payload)
     select $1::text, $2::text, $3::text, $4::text, $5::bytea
      where ($6::boolean or (select count(*) from dualpath.rejected
                              where document_id = $1::text and device_id is not distinct from $2::text) < ${MOST_KEPT})
        and not exists (select from dualpath.rejected
                         where document_id = $1::text and sha256(payload) = sha256($5::bytea))`,
    [rejected.document, rejected.device, rejected.kind, rejected.reason, rejected.payload, rejected.isWork],
  );
}
