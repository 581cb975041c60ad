import type { Queryable } from '../postgres/queryable.ts';
import type { Link } from './links.ts';

/** An update of a document's present lineage as its log has it. Numbers are strings. */
export interface LoggedUpdate {
  readonly seq: string;
  readonly payload: Uint8Array;
  /** The head that first held it: its own number, or a later one if it had to wait. */
  readonly joined: string;
  /** The content it leads to, where it links one. */
  readonly version: string | null;
  readonly legacyRevision: string | null;
  readonly device: string | null;
  readonly epoch: string | null;
  readonly session: string | null;
  /** The number that its session gave it. */
  readonly deviceSeq: string | null;
}

/** Every update that is part of the state of a document's present lineage, in the order in which they joined it. */
export async function readHistory(
  db: Queryable,
  { id }: Pick<Link, 'id'>,
  options: { readonly upto?: string } = {},
): Promise<readonly LoggedUpdate[]> {
  const { rows } = await db.query<LoggedUpdate>(
    `select seq::text as seq, payload, coalesce(joined, seq)::text as joined, version::text as version,
            legacy_revision::text as "legacyRevision", device_id as device, epoch, session,
            device_seq::text as "deviceSeq"
       from dualpath.updates
      where document_id = $1::text and apart is null
        and seq >= (select max(seq) from dualpath.updates where document_id = $1::text and origin = 'seed')
        and ($2::bigint is null or coalesce(joined, seq) <= $2::bigint)
      order by coalesce(joined, seq), updates.seq`,
    [id, options.upto ?? null],
  );
  return rows;
}

/** A content kept under a number of ours. */
export interface KeptContent {
  readonly version: string;
  readonly content: string;
  readonly legacyRevision: string | null;
}

/** The newest contents of a document that clients were given a number for and no update leads to. */
export async function readSent(db: Queryable, id: string, limit: number): Promise<readonly KeptContent[]> {
  const { rows } = await db.query<KeptContent>(
    `select distinct on (versions.version) version::text as version, content, legacy_revision::text as "legacyRevision"
       from dualpath.versions where document_id = $1::text and version is not null and source = 'save'
      order by versions.version desc limit $2::int`,
    [id, limit],
  );
  return rows;
}

/** Those of these contents that clients were given a number for and no update leads to. */
export async function keptContents(
  db: Queryable,
  id: string,
  versions: readonly string[],
): Promise<readonly KeptContent[]> {
  const { rows } = await db.query<KeptContent>(
    `select distinct on (versions.version) version::text as version, content, legacy_revision::text as "legacyRevision"
       from dualpath.versions where document_id = $1::text and versions.version = any($2::bigint[]) and source = 'save'
      order by versions.version, versions.id desc`,
    [id, versions],
  );
  return rows;
}

/** The head at which this version became the content of the document; null: no update leads to it. */
export async function headOfVersion(db: Queryable, id: string, version: string): Promise<string | null> {
  const { rows } = await db.query<{ joined: string }>(
    `select coalesce(joined, seq)::text as joined from dualpath.updates
      where document_id = $1::text and version = $2::bigint and apart is null
        and seq >= (select max(seq) from dualpath.updates where document_id = $1::text and origin = 'seed')
      order by seq desc limit 1`,
    [id, version],
  );
  return rows[0]?.joined ?? null;
}

export async function keptContent(db: Queryable, id: string, version: string): Promise<string | null> {
  const { rows } = await db.query<{ content: string }>(
    `select content from dualpath.versions where document_id = $1::text and version = $2::bigint
      order by id desc limit 1`,
    [id, version],
  );
  return rows[0]?.content ?? null;
}

/** Our numbers of the contents that bore this number of the application's. */
export async function versionsOfRevision(
  db: Queryable,
  link: Pick<Link, 'id' | 'version' | 'legacyRevision'>,
  revision: string,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ version: string }>(
    `select version::text as version from (
       select version from dualpath.updates
        where document_id = $1::text and legacy_revision = $2::bigint and version is not null
       union
       select version from dualpath.versions
        where document_id = $1::text and legacy_revision = $2::bigint and version is not null and source = 'save'
       union
       select version from dualpath.revisions where document_id = $1::text and revision = $2::bigint
       union
       select $3::bigint where $4::bigint = $2::bigint
     ) known order by 1`,
    [link.id, revision, link.version, link.legacyRevision],
  );
  return rows.map(({ version }) => version);
}

/** The application's number of a version of ours, the newest it bore. */
export async function revisionOfVersion(db: Queryable, id: string, version: string): Promise<string | null> {
  const { rows } = await db.query<{ revision: string }>(
    `select revision::text as revision from (
       select legacy_revision as revision from dualpath.updates
        where document_id = $1::text and version = $2::bigint and legacy_revision is not null
       union
       select legacy_revision from dualpath.versions
        where document_id = $1::text and version = $2::bigint and legacy_revision is not null and source = 'save'
       union
       select revision from dualpath.revisions where document_id = $1::text and version = $2::bigint
     ) known order by known.revision desc limit 1`,
    [id, version],
  );
  return rows[0]?.revision ?? null;
}
