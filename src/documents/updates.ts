import type { Queryable } from '../postgres/queryable.ts';

export type Origin = 'seed' | 'save' | 'push' | 'capture' | 'repair';

/** A raw update that links a content. Numbers are strings. */
export interface NewUpdate {
  readonly id: string;
  readonly seq: string;
  readonly payload: Uint8Array;
  readonly origin: Origin;
  /** The seed's Yjs client id. */
  readonly client: string | null;
  readonly version: string;
  readonly fingerprint: Uint8Array;
  readonly legacyRevision: string | null;
}

/** Appends updates; one that is there already under its number fails: the caller holds the document. */
export async function appendUpdates(tx: Queryable, updates: readonly NewUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  await tx.query(
    `insert into dualpath.updates
       (document_id, seq, payload, origin, client, version, fingerprint, legacy_revision)
     select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[],
                          $8::bigint[])`,
    [
      updates.map((update) => update.id),
      updates.map((update) => update.seq),
      updates.map((update) => update.payload),
      updates.map((update) => update.origin),
      updates.map((update) => update.client),
      updates.map((update) => update.version),
      updates.map((update) => update.fingerprint),
      updates.map((update) => update.legacyRevision),
    ],
  );
}

/** A content that no update leads to. */
export interface KeptVersion {
  readonly id: string;
  readonly content: string;
  readonly legacyRevision: string | null;
  readonly source: 'capture' | 'conflict' | 'rollback' | 'repair' | 'save' | 'push' | 'resolve';
  /** Our number, where a client knows the content under one. */
  readonly version?: string;
  readonly fingerprint?: Uint8Array;
  readonly device?: string | null;
}

/** Keeps contents; gives the id of each, in order. */
export async function keepVersions(
  tx: Queryable,
  versions: readonly KeptVersion[],
): Promise<readonly string[]> {
  if (versions.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `insert into dualpath.versions (document_id, content, legacy_revision, source, version, fingerprint, device_id)
     select n.id, n.content, n.revision, n.source, n.version, n.fingerprint, n.device
       from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bytea[], $7::text[])
         with ordinality as n (id, content, revision, source, version, fingerprint, device, place)
      order by n.place
     returning id::text as id`,
    [
      versions.map((version) => version.id),
      versions.map((version) => version.content),
      versions.map((version) => version.legacyRevision),
      versions.map((version) => version.source),
      versions.map((version) => version.version ?? null),
      versions.map((version) => version.fingerprint ?? null),
      versions.map((version) => version.device ?? null),
    ],
  );
  return rows.map(({ id }) => id);
}
