import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load.ts';
import { install } from '../../src/documents/install.ts';
import { openStores, type Stores } from '../../src/documents/stores.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

/** An application's tables with dualpath installed on them, and its cohorts where a test has put them. */
export interface Tables {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly config: Config;
  readonly stores: Stores;
}

/** Parts of a config; `stages` says where each cohort is, else every cohort is soaking. */
export interface TablesOptions {
  readonly documents?: object;
  readonly users?: object;
  readonly cohorts?: readonly object[];
  readonly stages?: Readonly<Record<string, string>>;
  /** Leave dualpath uninstalled. */
  readonly bare?: boolean;
}

/** A table as one would design it for an editor. */
export const PLAIN = `
  create table public.users (id text primary key, school_id text);
  create table public.documents (
    id text primary key, owner_id text, content jsonb, revision bigint not null default 1,
    updated_at timestamptz not null default now(), deleted_at timestamptz, views int not null default 0);
  insert into public.users select 'u-' || n, 's-' || n % 2 from generate_series(1, 4) n`;

export async function openTables(ddl: string = PLAIN, options: TablesOptions = {}): Promise<Tables> {
  const database = await freshDatabase();
  const { pool } = database;
  await pool.query(ddl);
  const config = configOf(options);
  const stores = await openStores(pool, config);
  if (options.bare) return { database, pool, config, stores };
  await install(pool, stores);
  await putCohorts(pool, config, options.stages ?? {});
  return { database, pool, config, stores: await openStores(pool, config) };
}

export const configOf = (options: TablesOptions): Config =>
  parseConfig(configText(options), { path: 'cohorts.yaml', env: {} });

/** The config as a file would have it. */
export const configText = (options: TablesOptions): string => stringify(configObject(options));

/** The config as an object, for a program. */
export const configObject = ({ documents, users, cohorts }: TablesOptions): object => ({
  version: 1,
  database: 'embedded',
  documents: documents ?? {},
  users: users ?? { attributes: { school: 'school_id' } },
  flags: { provider: 'file' },
  cohorts: cohorts ?? [{ name: 'everyone', everyone: true }],
});

async function putCohorts(
  pool: Pool,
  config: Config,
  stages: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [place, { name, definition }] of config.cohorts.entries()) {
    await pool.query(
      `insert into dualpath.cohorts (name, place, definition, stage, started_at) values ($1, $2, $3, $4, now())`,
      [name, place, JSON.stringify(definition), stages[name] ?? 'soaking'],
    );
  }
}

/** A document of one paragraph, as JSON. */
export const essay = (text: string): string =>
  JSON.stringify({
    type: 'doc',
    content: [{ type: 'paragraph', ...(text === '' ? {} : { content: [{ type: 'text', text }] }) }],
  });

/** The queue in the order it was filled. */
export async function queue(pool: Pool): Promise<readonly Captured[]> {
  const { rows } = await pool.query<Captured>(
    `select kind, subject, content, revision::text as revision, gone from dualpath.captures order by id`,
  );
  return rows;
}

export interface Captured {
  readonly kind: 'document' | 'user';
  readonly subject: string;
  readonly content: string | null;
  readonly revision: string | null;
  readonly gone: boolean;
}
