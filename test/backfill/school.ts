import { parseConfig } from '../../src/config/load.ts';
import type { Fence } from '../../src/documents/fence.ts';
import { install } from '../../src/documents/install.ts';
import { openStores, type Stores } from '../../src/documents/stores.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

/** A database with documents of the application, dualpath installed, and one started cohort under our lease. */
export interface School {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly stores: Stores;
  readonly fence: Fence;
}

export const COHORT = 'everyone';

/** The application's config; a percentage sign in the name of nothing, so that a child process can be handed it. */
export const CONFIG = `version: 1
database: embedded
documents: {}
users: { attributes: { school: school_id } }
flags: { provider: file }
cohorts:
  - { name: ${COHORT}, everyone: true }
`;

export const schoolConfig = (text: string = CONFIG) => parseConfig(text, { path: 'cohorts.yaml', env: {} });

export async function openSchool(documents = 0, text: string = CONFIG): Promise<School> {
  const database = await freshDatabase();
  const { pool } = database;
  await pool.query(`
    create table public.users (id text primary key, school_id text);
    create table public.documents (
      id text primary key, owner_id text references public.users (id), content jsonb not null,
      revision bigint not null default 1, updated_at timestamptz not null default now(), deleted_at timestamptz);
    insert into public.users select 'u-' || n, 's-' || n % 3 from generate_series(1, 10) n`);
  if (documents > 0) await writeDocuments(pool, documents);
  const config = schoolConfig(text);
  await install(pool, await openStores(pool, config));
  await startCohorts(pool, config);
  return { database, pool, stores: await openStores(pool, config), fence: { cohort: COHORT, token: '1' } };
}

async function startCohorts(pool: Pool, config: ReturnType<typeof schoolConfig>): Promise<void> {
  for (const [place, { name, definition }] of config.cohorts.entries()) {
    await pool.query(
      `insert into dualpath.cohorts (name, place, definition, stage, started_at, lease_holder, lease_token, lease_until)
       values ($1, $2, $3, 'backfilling', now(), 'a test', 1, now() + interval '1 hour')`,
      [name, place, JSON.stringify(definition)],
    );
  }
}

/** Small documents, each with its own words, ids not in the order of their numbers. */
export async function writeDocuments(pool: Pool, count: number, from = 1): Promise<void> {
  await pool.query(
    `insert into public.documents (id, owner_id, content)
     select left(md5(n::text), 12) || '-' || n, 'u-' || 1 + n % 10,
            jsonb_build_object('type', 'doc', 'content', jsonb_build_array(
              jsonb_build_object('type', 'heading', 'attrs', jsonb_build_object('level', 1 + n % 3),
                'content', jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'Essay ' || n))),
              jsonb_build_object('type', 'paragraph', 'content', jsonb_build_array(
                jsonb_build_object('type', 'text', 'text', 'by student ' || n % 10 || ', '),
                jsonb_build_object('type', 'text', 'text', 'word' || n,
                  'marks', jsonb_build_array(jsonb_build_object('type', 'bold')))))))
       from generate_series($1::int, $2::int) n`,
    [from, from + count - 1],
  );
}
