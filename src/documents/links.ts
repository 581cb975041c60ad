import type { Authority } from '../core/model.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * No content has these fingerprints. What is linked under the first was never equal; what is linked under the second, both
 * sides hold, and it is what they held before, twice.
 */
export const NEVER_EQUAL: Uint8Array = new Uint8Array(32);
export const TWICE: Uint8Array = new Uint8Array(32).fill(2);

/** A seeded document: what both stores were last linked to, who is right, and the proof. Numbers are strings. */
export interface Link {
  readonly id: string;
  readonly cohort: string;
  readonly authority: Authority;
  readonly fingerprint: Buffer;
  readonly legacyRevision: string | null;
  readonly owner: string | null;
  readonly lineage: string;
  readonly version: string;
  readonly head: string;
  readonly headHash: Buffer;
  readonly observed: string;
  /** The legacy row as it was linked; null: it has to be read to know. */
  readonly rowXmin: string | null;
  /** What the legacy row holds where the mirror has stopped; null: the linked content. */
  readonly rowFingerprint: Buffer | null;
  /** An earlier content bore the same number, so it names neither. */
  readonly revisionShared: boolean;
  /** The newest version that a push or a merge made; null: there was none. */
  readonly mergedVersion: string | null;
  readonly proofLegacyXmin: string | null;
  readonly proofLocalXmin: string | null;
  readonly proofHead: string | null;
  readonly deletedAt: Date | null;
}

/** A select list over `dualpath.documents` that gives a `Link`. */
export const LINK_COLUMNS = `id, cohort, authority, fingerprint, legacy_revision::text as "legacyRevision", owner, lineage,
  version::text as version, head::text as head, head_hash as "headHash", observed::text as observed,
  row_xmin as "rowXmin", row_fingerprint as "rowFingerprint", revision_shared as "revisionShared",
  merged_version::text as "mergedVersion", proof_legacy_xmin as "proofLegacyXmin",
  proof_local_xmin as "proofLocalXmin", proof_head::text as "proofHead", deleted_at as "deletedAt"`;

/** The links of these documents by id; with `lock` they are held until the transaction ends. */
export async function readLinks(
  db: Queryable,
  ids: readonly string[],
  options: { readonly lock?: boolean } = {},
): Promise<readonly Link[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<Link>(
    `select ${LINK_COLUMNS} from dualpath.documents where id = any($1::text[])
      order by id ${options.lock ? 'for no key update' : ''}`,
    [ids],
  );
  return rows;
}

/** What a first seed links. */
export interface NewLink {
  readonly id: string;
  readonly cohort: string;
  readonly owner: string | null;
  readonly fingerprint: Uint8Array;
  readonly legacyRevision: string | null;
  readonly lineage: string;
  readonly headHash: Uint8Array;
}

/** Links documents that hold their seed and nothing else: head 1, version 1, authority legacy. */
export async function insertLinks(tx: Queryable, links: readonly NewLink[]): Promise<void> {
  if (links.length === 0) return;
  await tx.query(
    `insert into dualpath.documents (id, cohort, owner, fingerprint, legacy_revision, lineage, head_hash)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::text[], $7::bytea[])`,
    [
      links.map((link) => link.id),
      links.map((link) => link.cohort),
      links.map((link) => link.owner),
      links.map((link) => link.fingerprint),
      links.map((link) => link.legacyRevision),
      links.map((link) => link.lineage),
      links.map((link) => link.headHash),
    ],
  );
}

/** What a change forward leaves behind. */
export interface LinkedHead {
  readonly id: string;
  readonly cohort: string;
  readonly owner: string | null;
  readonly fingerprint: Uint8Array;
  readonly legacyRevision: string | null;
  readonly version: string;
  readonly head: string;
  readonly headHash: Uint8Array;
  readonly lineage: string;
  /** A merge made this version. */
  readonly merged?: boolean;
  /** What the row holds, where the mirror has stopped. */
  readonly rowFingerprint?: Uint8Array | null;
}

/**
 * Moves links that the caller holds locked to a new head, alive. A new lineage starts like a first seed: legacy is right,
 * and the seed is no observation.
 */
export async function moveHeads(tx: Queryable, heads: readonly LinkedHead[]): Promise<void> {
  if (heads.length === 0) return;
  await tx.query(
    `update dualpath.documents d
        set cohort = n.cohort, owner = n.owner, fingerprint = n.fingerprint, legacy_revision = n.legacy_revision,
            version = n.version, head = n.head, head_hash = n.head_hash, linked_at = now(), deleted_at = null,
            lineage = n.lineage, row_xmin = null, row_fingerprint = n.row_fingerprint,
            revision_shared = n.legacy_revision is not null and d.legacy_revision = n.legacy_revision,
            merged_version = case when d.lineage <> n.lineage then null when n.merged then n.version
                                  else d.merged_version end,
            authority = case when d.lineage = n.lineage then d.authority else 'legacy' end,
            observed = case when d.lineage = n.lineage then d.observed else n.version end,
            seeded_at = case when d.lineage = n.lineage then d.seeded_at else now() end
       from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[],
                   $8::bytea[], $9::text[], $10::boolean[], $11::bytea[])
         as n (id, cohort, owner, fingerprint, legacy_revision, version, head, head_hash, lineage, merged, row_fingerprint)
      where d.id = n.id`,
    [
      heads.map((head) => head.id),
      heads.map((head) => head.cohort),
      heads.map((head) => head.owner),
      heads.map((head) => head.fingerprint),
      heads.map((head) => head.legacyRevision),
      heads.map((head) => head.version),
      heads.map((head) => head.head),
      heads.map((head) => head.headHash),
      heads.map((head) => head.lineage),
      heads.map((head) => head.merged ?? false),
      heads.map((head) => head.rowFingerprint ?? null),
    ],
  );
}

/** What a link says of its row beside the content. */
export interface Placement {
  readonly id: string;
  readonly cohort: string;
  readonly owner: string | null;
  readonly legacyRevision: string | null;
}

/** Refreshes cohort, owner and the application's revision, alive; the content stays, and is to be proven again. */
export async function placeLinks(tx: Queryable, placements: readonly Placement[]): Promise<void> {
  if (placements.length === 0) return;
  await tx.query(
    `with before as (
       select d.id, d.version, d.legacy_revision, n.legacy_revision as now
         from unnest($1::text[], $4::bigint[]) as n (id, legacy_revision) join dualpath.documents d on d.id = n.id
     ), numbered as (
       insert into dualpath.revisions (document_id, revision, version)
       select id, now, version from before where now is distinct from legacy_revision and now is not null
       on conflict do nothing
     )
     update dualpath.documents d
        set cohort = n.cohort, owner = n.owner, legacy_revision = n.legacy_revision, deleted_at = null,
            proof_head = null, row_xmin = null
       from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as n (id, cohort, owner, legacy_revision)
      where d.id = n.id`,
    [
      placements.map((place) => place.id),
      placements.map((place) => place.cohort),
      placements.map((place) => place.owner),
      placements.map((place) => place.legacyRevision),
    ],
  );
}

/** Numbers what both sides of documents hold anew, though they hold different contents. */
export async function raiseVersions(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`update dualpath.documents set version = version + 1 where id = any($1::text[])`, [ids]);
}

/** Marks documents whose row the application deleted; their versions and their state stay. */
export async function buryLinks(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `update dualpath.documents set deleted_at = now() where id = any($1::text[]) and deleted_at is null`,
    [ids],
  );
}
