import { parseConfig } from '../../dist/config/load.js';
import { findNodeModules, readReadmes } from '../../dist/demo/readmes.js';
import { install } from '../../dist/documents/install.js';
import { openStores } from '../../dist/documents/stores.js';
import { openDocumentStore } from '../../dist/index.js';
import { migrate } from '../../dist/postgres/migrate.js';

/** The size that the targets speak of, as JSON text. */
const SIZE = 20_000;
const DOCUMENTS = 50;

const CONFIG = {
  version: 1,
  database: 'embedded',
  documents: {},
  users: {},
  flags: { provider: 'file' },
  cohorts: [{ name: 'everyone', everyone: true }],
};

/**
 * Two tables of the same real documents of about 20 KB: one with dualpath on it, its cohort soaking, and one that knows
 * nothing of it.
 */
export async function openWorld(pool) {
  const readmes = readReadmes(findNodeModules(), 1_000);
  const sized = readmes
    .map(({ content }) => content)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, DOCUMENTS);
  const columns = `(id text primary key, owner_id text, content jsonb not null, revision bigint not null default 1,
    updated_at timestamptz not null default now())`;
  await pool.query(`create table users (id text primary key); create table documents ${columns}; create table plain ${columns}`);
  await migrate(pool);
  await install(pool, await openStores(pool, parseConfig(JSON.stringify(CONFIG), { path: 'bench', env: {} })));
  await pool.query(
    `insert into dualpath.cohorts (name, place, definition, stage, started_at)
     values ('everyone', 0, '{"everyone": true}', 'soaking', now())`,
  );
  const documents = await openDocumentStore({ config: CONFIG, pool });
  for (const [n, content] of sized.entries()) {
    for (const table of ['documents', 'plain'])
      await pool.query(`insert into ${table} (id, owner_id, content) values ($1, 'u-1', $2)`, [`d${n}`, content]);
    await documents.pull({ id: `d${n}`, deviceId: 'bench' });
  }
  return { pool, documents, readmes, contents: sized, close: () => documents.close() };
}

const distance = (content) => Math.abs(JSON.stringify(content).length - SIZE);
