import type { Queryable } from '../postgres/queryable.ts';

/** A device that said last of a document that it holds edits the server has not. */
export interface UnsyncedDevice {
  readonly document: string;
  readonly device: string;
  /** When it said so; ISO 8601. */
  readonly at: string;
  /** Numbers of the device: its newest edit, and the newest that it saw acknowledged; null where it names none. */
  readonly head: number | null;
  readonly acknowledged: number | null;
  readonly pendingBytes: number | null;
}

/**
 * The devices of a cohort whose newest heartbeat tells of edits that no push has brought since, by document, and how many
 * they are. A device that sends no heartbeats is not known of.
 */
export async function readUnsynced(
  db: Queryable,
  cohort: string,
  limit: number,
): Promise<{ readonly devices: readonly UnsyncedDevice[]; readonly total: number }> {
  const { rows } = await db.query<Row>(
    `select d.id as document, h.device_id as device, h.at, h.head::float8 as head,
            h.acknowledged::float8 as acknowledged, h.pending_bytes::float8 as pending_bytes,
            count(*) over ()::int as total
       from dualpath.documents d
       cross join lateral (
         select distinct on (b.device_id) b.* from dualpath.heartbeats b
          where b.document_id = d.id order by b.device_id, b.id desc) h
      where d.cohort = $1::text and d.deleted_at is null
        and (h.pending_bytes > 0 or h.head > coalesce(h.acknowledged, -1))
        and not exists (
          select from dualpath.receipts r
           where r.document_id = d.id and r.kind = 'push' and r.device_id = h.device_id
             and r.outcome <> 'failed'
             and r.device ->> 'epoch' is not distinct from h.epoch
             and r.device ->> 'session' is not distinct from h.session
             and (r.device ->> 'seq')::numeric >= h.head)
      order by d.id, h.device_id limit $2::int`,
    [cohort, limit],
  );
  const devices = rows.map(({ at, pending_bytes, total: _, ...row }) => ({
    ...row,
    at: at.toISOString(),
    pendingBytes: pending_bytes,
  }));
  return { devices, total: rows[0]?.total ?? 0 };
}

interface Row {
  readonly document: string;
  readonly device: string;
  readonly at: Date;
  readonly head: number | null;
  readonly acknowledged: number | null;
  readonly pending_bytes: number | null;
  readonly total: number;
}
