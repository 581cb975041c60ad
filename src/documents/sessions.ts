import type { Queryable } from '../postgres/queryable.ts';

/** One run of an editor on a device. */
export interface SessionKey {
  readonly document: string;
  readonly device: string;
  readonly epoch: string;
  readonly session: string;
}

/** Records that the replica of a session holds everything up to this head. */
export async function notePulled(
  db: Queryable,
  { document, device, epoch, session }: SessionKey,
  lineage: string,
  head: string,
): Promise<void> {
  await db.query(
    `insert into dualpath.sessions as o (document_id, device_id, epoch, session, lineage, pulled)
     values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::bigint)
     on conflict (document_id, device_id, epoch, session) do update
       set lineage = excluded.lineage, seen_at = now(),
           pulled = case when o.lineage = excluded.lineage then greatest(o.pulled, excluded.pulled) else excluded.pulled end`,
    [document, device, epoch, session, lineage, head],
  );
}

/** What is noted of a session's replica, as far as the server knows. */
export interface NotedReplica {
  /** It holds everything up to this head. */
  readonly pulled: string;
  /** Of the session itself; else of those that ran on the device before, whose replica it has from its storage. */
  readonly own: boolean;
}

/** Null: no session of this installation of the device pulled in this life of the document. */
export async function readPulled(
  db: Queryable,
  { document, device, epoch, session }: SessionKey,
  lineage: string,
): Promise<NotedReplica | null> {
  const { rows } = await db.query<NotedReplica>(
    `select pulled::text as pulled, session = $4::text as own from dualpath.sessions
      where document_id = $1::text and device_id = $2::text and epoch = $3::text and lineage = $5::text
      order by own desc, dualpath.sessions.pulled desc limit 1`,
    [document, device, epoch, session, lineage],
  );
  return rows[0] ?? null;
}

/** Takes back what was noted of a session: it had written before it took that in. Its next pull notes anew. */
export async function notePulledLess(
  db: Queryable,
  { document, device, epoch, session }: SessionKey,
  head: string,
): Promise<void> {
  await db.query(
    `update dualpath.sessions set pulled = least(pulled, $5::bigint)
      where document_id = $1::text and device_id = $2::text and epoch = $3::text and session = $4::text`,
    [document, device, epoch, session, head],
  );
}

/** Did a device ever pull a document, in whatever session? */
export async function hasPulled(db: Queryable, document: string, device: string): Promise<boolean> {
  const { rows } = await db.query<{ has: boolean }>(
    `select exists (select from dualpath.sessions where document_id = $1::text and device_id = $2::text) as has`,
    [document, device],
  );
  return rows[0]?.has ?? false;
}
