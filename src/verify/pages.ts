import { keySql, seekSql, typeSql, whereSql } from '../documents/legacy-sql.ts';
import { memberSizes } from '../documents/members.ts';
import { cohortSql } from '../documents/membership.ts';
import { openPairsPage } from '../documents/pairs.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { readDrift } from './record.ts';

/**
 * Ids of a page. What is read and decoded at a time is bounded by bytes when the page is looked at; this bounds how long
 * its one snapshot stays open, and makes a round trip cheap beside the decoding of 500 documents.
 */
const PAGE = 500;

/** A page that is only sifted reads no content and can be wider. */
const SIEVE = 2_000;

/**
 * The parts of a comparison, each paged by id:
 * `members` everything the cohort's live members own; `strays` what it holds of others (the row is gone, or its owner
 * left); `orphans` local-first rows of nobody; `leftover` drift of documents that are gone by now, which is looked at and
 * not counted; `unproven` and `drift` what `changed` looks at.
 *
 * `changed` reads indexes only and costs what changed, not what there is. It sees every document whose head moved since
 * its proof, that drifts, or that was taken in since. It cannot see what nobody told dualpath: a row written with
 * capture switched off, a state somebody overwrote, a member never seeded. Only a full comparison finds those, which is
 * why a gate wants one, and why the cutover checks each proof against the rows themselves.
 */
export const FULL = ['members', 'strays', 'orphans', 'leftover'] as const;
export const CHANGED = ['unproven', 'drift'] as const;
/** What a round looks at besides its sample: what a verification proved before it is observed all the same. */
export const ROUND = ['unobserved', ...CHANGED] as const;
/** And where the application writes both stores: pairs that nobody has compared since they are still. */
export const PAIRED_ROUND = [...ROUND, 'open'] as const;
export type Part = (typeof FULL)[number] | (typeof PAIRED_ROUND)[number];

/** Where a comparison stands: the newest id it looked at in a part. */
export interface Cursor {
  readonly part: Part;
  readonly after: string | null;
}

export interface Page {
  readonly ids: readonly string[];
  /** Null: the part is done. */
  readonly next: string | null;
}

/** The next documents to look at; an empty page may still have a next one. */
export async function readPage(db: Queryable, stores: Stores, cohort: string, cursor: Cursor): Promise<Page> {
  const { after } = cursor;
  switch (cursor.part) {
    case 'members': {
      const sizes = await memberSizes(db, stores, cohort, { after, upto: null, limit: PAGE });
      return pageOf(sizes.map(({ id }) => id));
    }
    case 'strays':
      return sift(db, stores, await linkPage(db, cohort, after), (live) => live !== cohort);
    case 'orphans':
      return sift(db, stores, await unlinkedPage(db, stores, cohort, after), (live) => live === undefined);
    case 'open':
      return pageOf(await openPairsPage(db, cohort, after, PAGE));
    case 'unobserved':
      return pageOf(await openPage(db, cohort, after, 'version > observed'));
    case 'unproven':
      return pageOf(await openPage(db, cohort, after, 'proof_head is distinct from head'));
    case 'leftover':
    case 'drift':
      return pageOf((await readDrift(db, cohort, { after, limit: PAGE })).map(({ document }) => document));
  }
}

const pageOf = (ids: readonly string[]): Page => ({ ids, next: ids.at(-1) ?? null });

/** Keeps those of `ids` whose live cohort (undefined: no row, null: no cohort matches) is wanted. */
async function sift(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
  wanted: (live: string | null | undefined) => boolean,
): Promise<Page> {
  const live = await readLiveCohorts(db, stores, ids);
  return { ids: ids.filter((id) => wanted(live.get(id))), next: ids.at(-1) ?? null };
}

async function linkPage(db: Queryable, cohort: string, after: string | null): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from dualpath.documents
      where cohort = $1::text and ($2::text is null or id > $2::text) and deleted_at is null
      order by id limit ${SIEVE}`,
    [cohort, after],
  );
  return rows.map(({ id }) => id);
}

/** Documents that an index of their own knows: a row that moved since its proof is in it once it is taken in. */
async function openPage(
  db: Queryable,
  cohort: string,
  after: string | null,
  open: 'proof_head is distinct from head' | 'version > observed',
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from dualpath.documents
      where cohort = $1::text and ($2::text is null or id > $2::text) and deleted_at is null and ${open}
      order by id limit ${PAGE}`,
    [cohort, after],
  );
  return rows.map(({ id }) => id);
}

/** The cohort that answers for local-first rows without a legacy row and a link: the first that was started. */
const ANSWERING = `(select name from dualpath.cohorts where started_at is not null order by place limit 1)`;

export async function answeringCohort(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ name: string | null }>(`select ${ANSWERING} as name`);
  return rows[0]?.name ?? null;
}

/** Local-first rows without a link belong to no cohort; one answers for those without a legacy row. */
async function unlinkedPage(
  db: Queryable,
  stores: Stores,
  cohort: string,
  after: string | null,
): Promise<readonly string[]> {
  const { quoted, id } = stores.localFirst;
  const { rows } = await db.query<{ id: string }>(
    `select s.${id.quoted}::text as id from ${quoted} s
      where $1::text = ${ANSWERING}
        and ($2::text is null or s.${id.quoted} > $2::text::${typeSql(id)})
        and not exists (select from dualpath.documents d where d.id = s.${id.quoted}::text)${outsideSql(stores)}
      order by s.${id.quoted} limit ${SIEVE}`,
    [cohort, after],
  );
  return rows.map((row) => row.id);
}

/** An application that writes the table itself has rows in it of documents that `where` leaves out. */
const outsideSql = ({ config, legacy, localFirst }: Stores): string =>
  config.writePath === 'own'
    ? `
        and not exists (select from ${legacy.quoted} t where t.${legacy.id.quoted}::text = s.${localFirst.id.quoted}::text)`
    : '';

/** The cohort of each document's owner now; null: none matches. Documents without a row are not in it. */
export async function readLiveCohorts(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (ids.length === 0) return new Map();
  const { legacy } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const { rows } = await db.query<{ id: string; cohort: string | null }>(
    `select l.dp_id as id, ${cohortSql(stores, 'l.dp_owner')} as cohort from (
       select ${keySql(legacy)} as dp_id, ${legacy.owner.quoted}::text as dp_owner
         from ${legacy.quoted} where ${condition} and ${whereSql(legacy)}) l`,
    values,
  );
  return new Map(rows.map(({ id, cohort }) => [id, cohort]));
}
