import type { Queryable } from '../postgres/queryable.ts';
import { noteServedSql } from './devices.ts';
import { END_OWN_WRITE } from './legacy-write.ts';
import { typeSql } from './legacy-sql.ts';
import type { Link } from './links.ts';
import { insertReceiptSql, type Receipt, receiptValues } from './receipts.ts';
import type { Stores } from './stores.ts';
import type { Origin } from './updates.ts';

/** What one write through the library leaves of a document whose sides the caller holds. */
export interface Write {
  readonly link: Link;
  readonly state: Uint8Array;
  /** SHA-256 of `state`. */
  readonly stateHash: Uint8Array;
  /** The update that led to `state`, and the content it links. */
  readonly payload: Uint8Array;
  readonly origin: Origin;
  readonly version: string;
  readonly fingerprint: Uint8Array;
  readonly legacyRevision: string | null;
  /** Of the update, and so of the document. */
  readonly head: string;
  readonly cohort: string;
  readonly owner: string | null;
  readonly row: RowSide;
  /** A push or a merge made this version. */
  readonly merged: boolean;
  /** Constructs of the state that the legacy format cannot hold. */
  readonly unmirrored: number;
  /** What the writer's device shows now, in the place of what. */
  readonly served: { readonly device: string; readonly version: string; readonly replaces: string | null } | null;
  readonly receipt: Receipt;
}

/** The legacy row after the write: as written, or left behind because the mirror has stopped. */
export type RowSide =
  | { readonly xmin: string }
  | { readonly left: { readonly xmin: string | null; readonly fingerprint: Uint8Array } };

/**
 * Writes the local-first state, the log, the link, what the device shows and the receipt, in one statement, and ends the
 * library's own write of the legacy table. The receipt says whether the state that the table holds after it is the one that
 * was computed: a trigger of the application's may have had its say there, too. Gives the id of the receipt.
 */
export async function recordWrite(tx: Queryable, stores: Stores, write: Write): Promise<string> {
  const { localFirst } = stores;
  const { link, row } = write;
  const values = [
    link.id, // $1
    write.state,
    write.stateHash,
    write.payload,
    write.origin, // $5
    write.version,
    write.fingerprint,
    write.legacyRevision,
    write.head,
    write.cohort, // $10
    write.owner,
    'xmin' in row ? row.xmin : row.left.xmin,
    'xmin' in row ? null : row.left.fingerprint,
    write.merged,
    write.unmirrored, // $15
    write.served?.device ?? null,
    write.served?.version ?? null,
    write.served?.replaces ?? null,
  ];
  const { rows } = await tx.query<{ receipt: string }>(
    `with written as (
       update ${localFirst.quoted} l set ${localFirst.state.quoted} = $2::bytea, ${localFirst.updatedAt.quoted} = now()
        where l.${localFirst.id.quoted} = $1::text::${typeSql(localFirst.id)}
       returning sha256(l.${localFirst.state.quoted}) = $3::bytea as same
     ), logged as (
       insert into dualpath.updates (document_id, seq, payload, origin, device_id, version, fingerprint, legacy_revision)
       values ($1::text, $9::bigint, $4::bytea, $5::text, $16::text, $6::bigint, $7::bytea, $8::bigint)
     ), linked as (
       update dualpath.documents d
          set cohort = $10::text, owner = $11::text, fingerprint = $7::bytea, legacy_revision = $8::bigint,
              version = $6::bigint, observed = $6::bigint, head = $9::bigint, head_hash = $3::bytea, linked_at = now(),
              row_xmin = $12::text, row_fingerprint = $13::bytea, unmirrored = $15::integer,
              revision_shared = $8::bigint is not null and d.legacy_revision = $8::bigint,
              merged_version = case when $14::boolean then $6::bigint else d.merged_version end
        where d.id = $1::text
     ), shown as (
       ${noteServedSql([1, 16, 17, 18])}
     ), receipt as (
       ${insertReceiptSql(values.length, { from: 'written', same: 'written.same' })}
     )
     select (select id from receipt) as receipt, ${END_OWN_WRITE}`,
    [...values, ...receiptValues(write.receipt)],
  );
  const [recorded] = rows;
  if (!recorded) throw new Error('a write could not be recorded');
  return recorded.receipt;
}
