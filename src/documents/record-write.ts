import type { Queryable } from '../postgres/queryable.ts';
import { noteServedSql } from './devices.ts';
import { typeSql } from './legacy-sql.ts';
import { END_OWN_WRITE, placeSql } from './legacy-write.ts';
import type { Link } from './links.ts';
import { touchedSql } from './local-first.ts';
import type { PushIdentity } from './pushes.ts';
import { insertReceiptSql, type Receipt, receiptValues } from './receipts.ts';
import type { Stores } from './stores.ts';
import type { Origin } from './updates.ts';

/** An update as one write appends it to the log; one that leads to no content of its own links none. */
export interface LogEntry {
  readonly seq: string;
  readonly payload: Uint8Array;
  readonly origin: Origin;
  /** Of a push: what it is known by. */
  readonly push: PushIdentity | null;
  readonly links: boolean;
}

/** What one write through the library leaves of a document whose sides the caller holds. */
export interface Write {
  readonly link: Link;
  readonly state: Uint8Array;
  /** SHA-256 of `state`. */
  readonly stateHash: Uint8Array;
  /** In order; the last one that `links` leads to the content. */
  readonly log: readonly LogEntry[];
  readonly version: string;
  readonly fingerprint: Uint8Array;
  readonly legacyRevision: string | null;
  readonly head: string;
  readonly cohort: string;
  readonly owner: string | null;
  readonly row: RowSide;
  /** A push or a merge made this version. */
  readonly merged: boolean;
  readonly device: string | null;
  /** The version that the writer's device shows now, in the place of another. */
  readonly served: { readonly version: string; readonly replaces: string | null } | null;
  readonly receipt: Receipt;
}

/** The legacy row after the write: as written, or left behind because the mirror has stopped. */
export type RowSide =
  | { readonly xmin: string | null; readonly place: string | null }
  | { readonly left: { readonly xmin: string | null; readonly fingerprint: Uint8Array } };

export interface Recorded {
  /** Its id. */
  readonly receipt: string;
  /** The application's number of the content, as the row bears it in the end. */
  readonly revision: string | null;
}

/**
 * Writes the local-first state, the log, the link, what the device shows and the receipt, in one statement, and ends the
 * library's own write of the legacy table. The receipt says whether the state that the table holds after it is the one that
 * was computed: a trigger of the application's may have had its say there, too. One that wrote the legacy row once more after our
 * write has raised its number, perhaps, or changed more: then the next touch of the document reads it.
 */
export async function recordWrite(tx: Queryable, stores: Stores, write: Write): Promise<Recorded> {
  const { legacy, localFirst } = stores;
  const { link, row, log } = write;
  const values = [
    link.id, // $1
    write.state,
    write.stateHash,
    log.map(({ seq }) => seq),
    log.map(({ payload }) => payload), // $5
    log.map(({ origin }) => origin),
    log.map(({ links }) => links),
    log.map(({ push }) => push?.epoch ?? null),
    log.map(({ push }) => push?.session ?? null),
    log.map(({ push }) => push?.seq ?? null), // $10
    log.map(({ push }) => push?.sha256 ?? null),
    write.version,
    write.fingerprint,
    write.legacyRevision,
    write.head, // $15
    write.cohort,
    write.owner,
    'left' in row ? row.left.xmin : row.xmin,
    'left' in row ? row.left.fingerprint : null,
    write.merged, // $20
    write.device,
    write.served?.version ?? null,
    write.served?.replaces ?? null,
    'left' in row ? null : row.place,
  ];
  const { rows } = await tx.query<Recorded>(
    `with now as (
       select ${legacy.revision ? `t.${legacy.revision.quoted}::bigint` : 'null::bigint'} as revision,
              $24::text is null or ${placeSql('t')} = $24::text as untouched
         from ${legacy.quoted} t where t.${legacy.id.quoted} = $1::text::${typeSql(legacy.id)}
     ), linking as (
       select case when untouched then $14::bigint else revision end as revision,
              case when untouched then $18::text end as xmin from now
     ), written as (
       update ${localFirst.quoted} l set ${localFirst.state.quoted} = $2::bytea${touchedSql(localFirst)}
        where l.${localFirst.id.quoted} = $1::text::${typeSql(localFirst.id)}
       returning sha256(l.${localFirst.state.quoted}) = $3::bytea as same
     ), logged as (
       insert into dualpath.updates (document_id, seq, payload, origin, device_id, version, fingerprint, legacy_revision,
                                     epoch, session, device_seq, sha256)
       select $1::text, n.seq, n.payload, n.origin, case when n.origin in ('save', 'push') then $21::text end,
              case when n.links then $12::bigint end, case when n.links then $13::bytea end,
              case when n.links then (select revision from linking) end, n.epoch, n.session, n.device_seq, n.sha256
         from unnest($4::bigint[], $5::bytea[], $6::text[], $7::boolean[], $8::text[], $9::text[], $10::bigint[],
                     $11::bytea[]) as n (seq, payload, origin, links, epoch, session, device_seq, sha256)
     ), linked as (
       update dualpath.documents d
          set cohort = $16::text, owner = $17::text, fingerprint = $13::bytea, legacy_revision = n.revision,
              version = $12::bigint,
              -- What changed nothing is no observation: what came past the library before it is the next round's still.
              observed = case when d.version = $12::bigint then d.observed else $12::bigint end, head = $15::bigint, head_hash = $3::bytea,
              linked_at = now(), row_xmin = n.xmin, row_fingerprint = $19::bytea,
              revision_shared = case when d.version = $12::bigint then d.revision_shared
                                     else coalesce(d.legacy_revision = n.revision, false) end,
              merged_version = case when $20::boolean then $12::bigint else d.merged_version end
         from linking n
        where d.id = $1::text
     ), shown as (
       ${noteServedSql([1, 21, 22, 23])}
     ), receipt as (
       ${insertReceiptSql(values.length, { from: 'written', same: 'written.same' })}
     )
     -- A trigger that kept the state from being written keeps all of it from being written.
     select (select id from receipt) as receipt, (select revision::text from linking) as revision,
            1 / (select count(*) from written) as written, ${END_OWN_WRITE}`,
    [...values, ...receiptValues(write.receipt)],
  );
  const [recorded] = rows;
  if (!recorded?.receipt) throw new Error('the local-first row went away while it was held');
  return recorded;
}
