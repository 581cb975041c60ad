import type { Queryable } from '../postgres/queryable.ts';

/** Something kept of a document, without its content. Numbers are strings. */
export interface Kept {
  /** `u12`: update 12 of its log; `v7`: a content; `r3`: what was sent and rejected. */
  readonly key: string;
  readonly at: Date;
  /** The application's number of it, where it is known. */
  readonly revision: string | null;
  /** Ours. */
  readonly version: string | null;
  /** Where it came from: the origin of an update, the source of a content, `rejected`. */
  readonly origin: string;
  readonly device: string | null;
  /** Of what is kept: a whole content, or one update. */
  readonly bytes: number;
  /** `document`: what the document was; `content`: a content beside it; `update`: one that leads to no content of its own. */
  readonly kind: 'document' | 'content' | 'update';
  /** Why it never became part of the document: a code. */
  readonly apart: string | null;
}

/** When an update became part of the document: one that waited, later than it came. */
const JOINED_AT = `case when u.joined is null then u.received_at
  else coalesce((select max(r.at) from dualpath.receipts r
                  where r.document_id = u.document_id and r.kind = 'push' and r.seq = u.seq
                    and r.outcome in ('applied', 'merged')), u.received_at) end`;

/**
 * Everything kept of a document, the newest first, whatever lives it had. Sides of conflicts are named by the conflicts.
 */
export async function readKept(db: Queryable, id: string): Promise<readonly Kept[]> {
  const { rows } = await db.query<Kept>(
    `select * from (
       select 'u' || seq as key, ${JOINED_AT} as at, legacy_revision::text as revision, version::text as version, origin,
              device_id as device, octet_length(payload) as bytes,
              case when version is null then 'update' else 'document' end as kind, apart, coalesce(joined, seq) as place
         from dualpath.updates u where document_id = $1::text
       union all
       select 'v' || id, kept_at, legacy_revision::text, version::text, source, device_id,
              octet_length(content), 'content', null, id
         from dualpath.versions v where document_id = $1::text
          and not exists (select from dualpath.conflicts c
                           where c.document_id = v.document_id and v.id in (c.base, c.ours, c.theirs, c.result))
       union all
       select 'r' || id, at, null, null, 'rejected ' || kind, device_id, octet_length(payload),
              case kind when 'save' then 'content' else 'update' end, reason, id
         from dualpath.rejected where document_id = $1::text
     ) kept order by at desc, array_position(array['document', 'content', 'update'], kind), place desc`,
    [id],
  );
  return rows;
}

/** Our numbers of the contents that the application's number named when it raised it without a change of content. */
export async function versionsRenumbered(
  db: Queryable,
  id: string,
  revision: string,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ version: string }>(
    `select version::text as version from dualpath.revisions where document_id = $1::text and revision = $2::bigint
     union
     select version::text from dualpath.documents where id = $1::text and legacy_revision = $2::bigint`,
    [id, revision],
  );
  return rows.map(({ version }) => version);
}

/** An update of any life of a document. */
export interface KeptUpdate {
  readonly seq: string;
  readonly payload: Uint8Array;
  /** The head that first held it. */
  readonly joined: string;
  readonly origin: string;
  readonly apart: string | null;
  readonly device: string | null;
  readonly at: Date;
}

/** The whole log of a document, in the order in which its updates became part of it. */
export async function readLog(db: Queryable, id: string): Promise<readonly KeptUpdate[]> {
  const { rows } = await db.query<KeptUpdate>(
    `select seq::text as seq, payload, coalesce(joined, seq)::text as joined, origin, apart, device_id as device, ${JOINED_AT} as at
       from dualpath.updates u where document_id = $1::text order by coalesce(joined, seq), u.seq`,
    [id],
  );
  return rows;
}

export async function readKeptContent(db: Queryable, id: string, version: string): Promise<string | null> {
  const { rows } = await db.query<{ content: string }>(
    `select content from dualpath.versions where document_id = $1::text and id = $2::bigint`,
    [id, version],
  );
  return rows[0]?.content ?? null;
}

export async function readRejected(
  db: Queryable,
  id: string,
  rejected: string,
): Promise<{ readonly kind: 'save' | 'push'; readonly reason: string; readonly payload: Buffer } | null> {
  const { rows } = await db.query<{ kind: 'save' | 'push'; reason: string; payload: Buffer }>(
    `select kind, reason, payload from dualpath.rejected where document_id = $1::text and id = $2::bigint`,
    [id, rejected],
  );
  return rows[0] ?? null;
}
