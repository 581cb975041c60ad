import type { Queryable } from '../postgres/queryable.ts';

/** One run of an editor on a device. */
export interface SessionKey {
  readonly document: string;
  readonly device: string;
  readonly epoch: string;
  readonly session: string;
}

/** Pulls of a session after which it may have written what it sends now; more than one that pulls first needs. */
const MOST_EARLIER = 8;

/** The other heads up to which a session's replica held everything before, the newest first. */
const earlierSql = (pulled: string): string => `(
  select coalesce(array_agg(h order by h desc), '{}') from (
    select distinct h from unnest(o.earlier || o.pulled) h where h <> ${pulled} order by h desc limit ${MOST_EARLIER}) heads)`;

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
           pulled = case when o.lineage = excluded.lineage then greatest(o.pulled, excluded.pulled) else excluded.pulled end,
           earlier = case when o.lineage = excluded.lineage then ${earlierSql('excluded.pulled')} else '{}' end`,
    [document, device, epoch, session, lineage, head],
  );
}

/** What is noted of the replica of a session, as far as the server knows. */
export interface NotedReplica {
  readonly session: string;
  /** It holds everything up to this head. */
  readonly pulled: string;
  /** Or only up to one of these, the newest first, if it wrote what it sends before it pulled again. */
  readonly earlier: readonly string[];
}

/** More sessions of a device than may have stored what a later one sends. */
const MOST_SESSIONS = 6;

/**
 * Of the session, if it pulled; then of those that ran on this installation of the device before or beside it and whose
 * replica it may have from its storage, the one that was heard of last first. None: no session pulled in this life of the
 * document.
 */
export async function readPulled(
  db: Queryable,
  { document, device, epoch, session }: SessionKey,
  lineage: string,
): Promise<readonly NotedReplica[]> {
  const { rows } = await db.query<NotedReplica>(
    `select session, pulled::text as pulled, earlier::text[] as earlier from dualpath.sessions
      where document_id = $1::text and device_id = $2::text and epoch = $3::text and lineage = $5::text
      order by session = $4::text desc, sessions.pulled desc limit ${MOST_SESSIONS}`,
    [document, device, epoch, session, lineage],
  );
  return rows;
}

/** Takes back what was noted of a session: it had written before it took that in. Its next pull notes anew. */
export async function notePulledLess(
  db: Queryable,
  { document, device, epoch, session }: SessionKey,
  head: string,
): Promise<void> {
  await db.query(
    `update dualpath.sessions o set pulled = least(pulled, $5::bigint), earlier = ${earlierSql('$5::bigint')}
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
