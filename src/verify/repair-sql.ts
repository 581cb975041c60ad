import type { Queryable } from '../postgres/queryable.ts';
import type { MismatchClass } from './compare.ts';

/** The raw updates of a document's present lineage, oldest first: from its newest seed on. */
export async function readLog(db: Queryable, id: string): Promise<readonly Uint8Array[]> {
  const { rows } = await db.query<{ payload: Uint8Array }>(
    `select payload from dualpath.updates
      where document_id = $1::text and apart is null
        and seq >= (select max(seq) from dualpath.updates where document_id = $1::text and origin = 'seed')
      order by seq`,
    [id],
  );
  return rows.map(({ payload }) => payload);
}

/** An update as a repair appends it; one that links no content has no version. */
export interface RepairUpdate {
  readonly payload: Uint8Array;
  readonly origin: 'seed' | 'repair';
  readonly client: string | null;
  readonly links: {
    readonly version: string;
    readonly fingerprint: Uint8Array;
    readonly revision: string | null;
  } | null;
}

/** Appends after `head`, the newest update there is; gives the new head. */
export async function appendRepair(
  tx: Queryable,
  id: string,
  head: string,
  updates: readonly RepairUpdate[],
): Promise<string> {
  let seq = BigInt(head);
  for (const { payload, origin, client, links } of updates) {
    seq += 1n;
    await tx.query(
      `insert into dualpath.updates
         (document_id, seq, payload, origin, client, version, fingerprint, legacy_revision)
       values ($1::text, $2::bigint, $3::bytea, $4::text, $5::bigint, $6::bigint, $7::bytea, $8::bigint)`,
      [
        id,
        String(seq),
        payload,
        origin,
        client,
        links?.version ?? null,
        links?.fingerprint ?? null,
        links?.revision ?? null,
      ],
    );
  }
  return String(seq);
}

/** A document to mend: it drifts, or it is held because both of its sides moved. */
export interface Mendable {
  readonly id: string;
  readonly class: MismatchClass | null;
}

/** Quarantine that a repair can end, for the reason lies in the local-first row. */
const MENDABLE_CODES = ['head-moved', 'state-missing'];

/** Both sides may hold somebody's words: mended only where a person names the document. */
const NAMED_ONLY = ['head-moved'];

export async function mendablePage(
  db: Queryable,
  cohort: string,
  page: { readonly after: string | null; readonly limit: number; readonly document?: string },
): Promise<readonly Mendable[]> {
  const { rows } = await db.query<Mendable>(
    `select m.id, m.class from (
       select document_id as id, class from dualpath.drift where cohort = $1::text
       union all
       select document_id, null from dualpath.quarantine where cohort = $1::text and code = any($5::text[])
          and ($4::text is not null or code <> all($6::text[]))
     ) m
      where ($2::text is null or m.id > $2::text) and ($4::text is null or m.id = $4::text)
      order by m.id limit $3::int`,
    [cohort, page.after, page.limit, page.document ?? null, MENDABLE_CODES, NAMED_ONLY],
  );
  return rows;
}
