import { createHash } from 'node:crypto';
import type { Stores } from '../../src/documents/stores.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { type VerifyOptions, type VerifyResult, verify } from '../../src/verify/verify.ts';
import { takeIn } from '../../src/write-path/ingest.ts';
import { COHORT, openSchool, type School } from '../backfill/school.ts';

export { COHORT } from '../backfill/school.ts';

/** A school whose only cohort soaks: every document is seeded, nothing is proven yet. */
export async function openSoaking(documents: number, config?: string): Promise<School> {
  const school = await openSchool(documents, config);
  await seedAll(school);
  await school.pool.query(
    `update dualpath.cohorts set stage = 'soaking', stage_since = clock_timestamp(), window_since = clock_timestamp()`,
  );
  return school;
}

async function seedAll({ pool, stores }: School): Promise<void> {
  const ids = await documentIds(pool);
  for (let at = 0; at < ids.length; at += 500)
    await inTransaction(pool, (tx) => takeIn(tx, stores, ids.slice(at, at + 500)));
}

export async function documentIds(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from public.documents where deleted_at is null order by id',
  );
  return rows.map(({ id }) => id);
}

export async function verifyOne(
  { pool, stores }: { readonly pool: Pool; readonly stores: Stores },
  options: Partial<VerifyOptions> = {},
): Promise<VerifyResult> {
  const [result] = await verify(pool, stores, { cohorts: [COHORT], scope: 'full', ...options });
  if (!result) throw new Error('no result');
  return result;
}

export async function stateOf(pool: Pool, id: string): Promise<Buffer> {
  const { rows } = await pool.query<{ state: Buffer }>(
    'select state from local_first.documents where id = $1',
    [id],
  );
  if (!rows[0]) throw new Error('no state');
  return rows[0].state;
}

/** Another program overwrites the state, past dualpath. */
export const plantState = (pool: Queryable, id: string, state: Uint8Array) =>
  pool.query('update local_first.documents set state = $2 where id = $1', [id, state]);

/** An editor that never was on the local-first path saves a whole document. */
export const save = (pool: Queryable, id: string, words: string) =>
  pool.query(
    `update public.documents set content = jsonb_build_object('type', 'doc', 'content', jsonb_build_array(
       jsonb_build_object('type', 'paragraph', 'content', jsonb_build_array(
         jsonb_build_object('type', 'text', 'text', $2::text))))), revision = revision + 1 where id = $1`,
    [id, words],
  );

/** What two equal databases have in common: states and rows, not times. */
export async function checksumOf(pool: Pool): Promise<string> {
  const { rows } = await pool.query(
    `select d.id, d.content::text, encode(s.state, 'hex') as state
       from public.documents d left join local_first.documents s on s.id = d.id order by d.id`,
  );
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
