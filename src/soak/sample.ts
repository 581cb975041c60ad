import type { Queryable } from '../postgres/queryable.ts';

/**
 * Documents looked at again in a round though nothing says they changed. It costs well under a second, and a fault in
 * 1.5 % of the documents is hit by one such sample with 95 %, by the rounds of a day almost surely.
 */
const SAMPLE = 200;

/** Up to here a cohort's own index is read for the sample; a larger one is sampled by pages of the table. */
const SMALL_COHORT = 20_000;

/** Per cent of the table's pages that hold, of a cohort larger than that, twice the sample even where it is 1 % of all. */
const TABLE_PERCENT = (100 * 2 * SAMPLE) / SMALL_COHORT;

export interface Sampled {
  readonly id: string;
  readonly owner: string | null;
}

/**
 * A random sample of a cohort's proven documents; the same seed finds the same ones while nothing changes. No query of
 * it reads more documents than the small cohort's or those percents.
 */
export async function sampleProven(
  db: Queryable,
  cohort: string,
  seed: number,
  size: number = SAMPLE,
): Promise<readonly Sampled[]> {
  const { rows: counted } = await db.query<{ large: boolean }>(
    `select count(*) > ${SMALL_COHORT} as large
       from (select from dualpath.documents where cohort = $1::text limit ${SMALL_COHORT + 1}) counted`,
    [cohort],
  );
  const source = counted[0]?.large
    ? `dualpath.documents tablesample system (${TABLE_PERCENT}) repeatable ($2::bigint)`
    : 'dualpath.documents';
  const { rows } = await db.query<Sampled>(
    `select id, owner from ${source}
      where cohort = $1::text and deleted_at is null and proof_head = head
      order by hashtextextended(id, $2::bigint), id limit $3::int`,
    [cohort, seed, size],
  );
  return rows;
}
