import type { Queryable } from '../postgres/queryable.ts';
import { keySql, typeSql } from './legacy-sql.ts';
import type { Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

/** A write that was seen. What it wrote stays in the queue until it is kept or found not to be needed. */
export interface Capture {
  readonly id: string;
  readonly subject: string;
  /** The row ceased to be: a row of this id is a new one. */
  readonly gone: boolean;
  readonly hasContent: boolean;
  /** It was the local-first row that was written. */
  readonly local: boolean;
}

/** The next subjects that have captures, in order. */
export async function capturedSubjects(
  db: Queryable,
  kind: 'document' | 'user',
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ subject: string }>(
    `select distinct subject from dualpath.captures
      where kind = $1::text and ($2::text is null or subject > $2::text)
      order by subject limit $3::int`,
    [kind, after, limit],
  );
  return rows.map((row) => row.subject);
}

/**
 * Takes hold of the captures of these subjects that nobody else is taking in. Never waits, so it needs no place in the
 * order of locks. Read them before the rows: whoever wrote one has committed, and the row holds at least that write.
 */
export async function claimCaptures(
  tx: Queryable,
  kind: 'document' | 'user',
  subjects: readonly string[],
): Promise<readonly Capture[]> {
  const { rows } = await tx.query<Capture>(
    `select id::text as id, subject, gone, content is not null as "hasContent", local from dualpath.captures
      where kind = $1::text and subject = any($2::text[])
      order by captures.id for update skip locked`,
    [kind, subjects],
  );
  return rows;
}

/**
 * Which of these documents without a local-first row are the application's to write: their legacy rows were created since
 * their cohorts started. While history is copied the flags are just being turned on, and a writer may not have seen
 * them: then only those of the last moments are.
 */
export async function createdByApplication(
  db: Queryable,
  settleMs: number,
  documents: readonly { readonly row: { readonly id: string }; readonly cohort: string }[],
): Promise<ReadonlySet<string>> {
  if (documents.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>(
    `select distinct n.id from unnest($1::text[], $2::text[]) as n (id, cohort)
       join dualpath.cohorts k on k.name = n.cohort
       join dualpath.captures c on c.kind = 'document' and c.subject = n.id and c.created
      where c.captured_at >= k.started_at
        and (k.stage not in ('dual-writing', 'backfilling')
             or c.captured_at > clock_timestamp() - $3::float8 * interval '1 millisecond')`,
    [documents.map(({ row }) => row.id), documents.map(({ cohort }) => cohort), settleMs],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Keeps what these captures wrote as versions, each content of a document once, but for what its row holds now: nobody
 * could find it again. The contents never leave the server.
 */
export async function keepReplaced(tx: Queryable, stores: Stores, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { quoted, id, content } = stores.legacy;
  await tx.query(
    `insert into dualpath.versions (document_id, content, legacy_revision, source)
     select k.subject, k.content, k.revision, 'capture'
       from (select distinct on (c.subject, sha256(convert_to(c.content, 'UTF8')))
                    c.subject, c.content, c.revision, c.id
               from dualpath.captures c left join ${quoted} r on r.${id.quoted} = c.subject::${typeSql(id)}
              where c.id = any($1::bigint[]) and c.content is not null
                and c.content collate "C" is distinct from r.${content.quoted}::text collate "C"
              order by c.subject, sha256(convert_to(c.content, 'UTF8')), c.id desc) k
      order by k.id`,
    [ids],
  );
}

/** Deletes captures that the transaction claimed, and no others. */
export async function deleteCaptures(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`delete from dualpath.captures where id = any($1::bigint[])`, [ids]);
}

/** Puts every document of these users (keys) into the queue: what they own now and what was linked to them. */
export async function captureDocumentsOf(
  tx: Queryable,
  stores: Stores,
  users: readonly string[],
): Promise<void> {
  if (users.length === 0) return;
  const { quoted, owner } = stores.legacy;
  const owners = users.filter((user) => canBeId(owner, user));
  await tx.query(
    `insert into dualpath.captures (kind, subject)
     select 'document', o.key from (
       select ${keySql(stores.legacy)} as key from ${quoted}
        where ${owner.quoted} = any($1::text[]::${typeSql(owner)}[])
       union
       select d.id from dualpath.documents d where d.owner = any($2::text[]) and d.deleted_at is null
     ) o`,
    [owners, users],
  );
}
