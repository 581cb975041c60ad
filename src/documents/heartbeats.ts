import type { Queryable } from '../postgres/queryable.ts';

/** What a device says of itself. Numbers as the device counts; times by its own clocks. */
export interface Heartbeat {
  readonly document: string;
  readonly device: string;
  readonly epoch: string | null;
  readonly session: string | null;
  readonly head: number | null;
  readonly acknowledged: number | null;
  readonly commit: Uint8Array | null;
  readonly pendingBytes: number | null;
  readonly pendingMs: number | null;
  readonly durability: 'memory' | 'stored' | null;
  readonly appVersion: string | null;
  readonly wallTime: Date | null;
  readonly sinceBootMs: number | null;
}

export async function insertHeartbeat(db: Queryable, beat: Heartbeat): Promise<void> {
  await db.query(
    `insert into dualpath.heartbeats
       (document_id, device_id, epoch, session, head, acknowledged, commit, pending_bytes, pending_ms, durability,
        app_version, wall_time, since_boot_ms)
     values ($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::bigint, $7::bytea, $8::bigint, $9::bigint, $10::text,
             $11::text, $12::timestamptz, $13::bigint)`,
    [
      beat.document,
      beat.device,
      beat.epoch,
      beat.session,
      beat.head,
      beat.acknowledged,
      beat.commit,
      beat.pendingBytes,
      beat.pendingMs,
      beat.durability,
      beat.appVersion,
      beat.wallTime,
      beat.sinceBootMs,
    ],
  );
}
