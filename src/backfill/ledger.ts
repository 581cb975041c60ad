import { type Bounds, CHUNK, type Sized } from '../core/chunks.ts';
import { boundSql, keySql, whereSql } from '../documents/legacy-sql.ts';
import { cohortSql } from '../documents/membership.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** A line of the ledger: the cohort's documents after one key (null: from the first) up to another. */
export interface Chunk {
  readonly cohort: string;
  readonly run: number;
  readonly number: number;
  readonly afterId: string | null;
  readonly uptoId: string;
}

/** What the ledger says of the runs of one call. Documents that nobody had to copy are in `done` and nowhere else. */
export interface Tally {
  readonly total: number;
  readonly done: number;
  readonly seeded: number;
  readonly quarantined: number;
}

/** The newest run that was not finished, or the number of the next one. */
export async function currentRun(db: Queryable, cohort: string): Promise<{ run: number; open: boolean }> {
  const { rows } = await db.query<{ run: number; open: boolean }>(
    `select run, bool_or(done_at is null) as open from dualpath.chunks
      where cohort = $1::text group by run order by run desc limit 1`,
    [cohort],
  );
  const newest = rows[0];
  if (newest?.open) return newest;
  return { run: (newest?.run ?? 0) + 1, open: false };
}

/** Of two that plan at once the second waits here, and then finds the first one's run. Held to the end of `tx`. */
export async function lockPlanning(tx: Queryable, cohort: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('dualpath.chunks ' || $1::text, 0))`, [
    cohort,
  ]);
}

/**
 * Writes a run's chunks in one statement, whatever their number: a piece ends where the running count or the running
 * stored size passes a multiple of its bound. The last chunk's end is the watermark. Gives the number of chunks.
 */
export async function planRun(
  tx: Queryable,
  stores: Stores,
  cohort: string,
  run: number,
  bounds: Bounds = CHUNK,
): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into dualpath.chunks (cohort, run, number, after_id, upto_id, documents, bytes)
     select $1::text, $2::int, row_number() over ends, lag(id) over ends, id,
            nth - coalesce(lag(nth) over ends, 0), size - coalesce(lag(size) over ends, 0)
       from (select place, id, nth, size, piece, lead(piece) over (order by nth) as next_piece
               from (select u.dp_place as place, u.dp_id as id, row_number() over w as nth, sum(u.dp_size) over w as size,
                            (row_number() over w - 1) / $3::int
                              + div(sum(u.dp_size) over w - u.dp_size, $4::numeric) as piece
                       from (${unseededSql(stores)}) u
                     window w as (order by u.dp_place rows unbounded preceding)) counted) cut
      where piece is distinct from next_piece
      window ends as (order by nth)`,
    [cohort, run, bounds.documents, bounds.bytes],
  );
  return rowCount ?? 0;
}

/** Ids and stored sizes of what a chunk still has to copy, by id; a document written meanwhile is among them. */
export async function unseededIn(
  db: Queryable,
  stores: Stores,
  chunk: Chunk,
  after: string | null,
  limit: number,
): Promise<readonly Sized[]> {
  const { legacy } = stores;
  const values: unknown[] = [chunk.cohort, limit, chunk.uptoId];
  let within = ` and ${legacy.id.quoted} <= ${boundSql(legacy, chunk.uptoId, '$3')}`;
  if (after !== null) {
    values.push(after);
    within += ` and ${legacy.id.quoted} > ${boundSql(legacy, after, '$4')}`;
  }
  const { rows } = await db.query<Sized>(
    `select u.dp_id as id, u.dp_size as bytes from (${unseededSql(stores, within)}) u
      order by u.dp_place limit $2::int`,
    values,
  );
  return rows;
}

/**
 * `$1` is the cohort. Members without a link, and without a quarantine of the row as it is now: a changed row is worth
 * another try. `offset 0` keeps the inner select by itself, so that sizes are sorted and spilled, not contents.
 */
function unseededSql(stores: Stores, within = ''): string {
  const { legacy } = stores;
  return `select l.dp_place, l.dp_id, l.dp_size from (
      select ${legacy.id.quoted} as dp_place, ${keySql(legacy)} as dp_id, ${legacy.owner.quoted}::text as dp_owner,
             xmin::text as dp_xmin, coalesce(pg_column_size(${legacy.content.quoted}), 0) as dp_size
        from ${legacy.quoted} where ${whereSql(legacy)}${within}
      offset 0
    ) l
    where not exists (select from dualpath.documents d where d.id = l.dp_id)
      and not exists (select from dualpath.quarantine q
                       where q.document_id = l.dp_id and (q.legacy_xmin is null or q.legacy_xmin = l.dp_xmin))
      and ${cohortSql(stores, 'l.dp_owner')} = $1::text`;
}

/** Open chunks of a run after a number, in order. */
export async function openChunks(
  db: Queryable,
  cohort: string,
  run: number,
  range: { readonly after: number; readonly upto: number; readonly limit: number },
): Promise<readonly Chunk[]> {
  const { rows } = await db.query<Chunk>(
    `select cohort, run, number, after_id as "afterId", upto_id as "uptoId" from dualpath.chunks
      where cohort = $1::text and run = $2::int and number > $3::int and number <= $4::int and done_at is null
      order by number limit $5::int`,
    [cohort, run, range.after, range.upto, range.limit],
  );
  return rows;
}

/** How many chunks a run has, done or not. */
export async function countChunks(db: Queryable, cohort: string, run: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from dualpath.chunks where cohort = $1::text and run = $2::int`,
    [cohort, run],
  );
  return rows[0]?.count ?? 0;
}

/** Adds to a chunk's counts, in the transaction that wrote the documents; `done` closes it. */
export async function addToChunk(
  tx: Queryable,
  chunk: Chunk,
  add: { readonly seeded: number; readonly quarantined: number; readonly done: boolean },
): Promise<void> {
  await tx.query(
    `update dualpath.chunks
        set seeded = seeded + $4::int, quarantined = quarantined + $5::int,
            done_at = case when $6::boolean then coalesce(done_at, clock_timestamp()) else done_at end
      where cohort = $1::text and run = $2::int and number = $3::int`,
    [chunk.cohort, chunk.run, chunk.number, add.seeded, add.quarantined, add.done],
  );
}

/** Counts of a cohort's runs from one on: the ledger's, so a resume and other workers are in them. */
export async function tally(db: Queryable, cohort: string, fromRun: number): Promise<Tally> {
  const { rows } = await db.query<{ total: number; done: number; seeded: number; quarantined: number }>(
    `select coalesce(sum(documents), 0)::int as total,
            coalesce(sum(case when done_at is null then least(documents, seeded + quarantined) else documents end), 0)::int
              as done,
            coalesce(sum(seeded), 0)::int as seeded,
            coalesce(sum(quarantined), 0)::int as quarantined
       from dualpath.chunks where cohort = $1::text and run >= $2::int`,
    [cohort, fromRun],
  );
  return rows[0] ?? { total: 0, done: 0, seeded: 0, quarantined: 0 };
}
