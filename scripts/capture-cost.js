// What change capture costs the application's own writes: `npm run build`, then `node scripts/capture-cost.js [documents]`.
// It starts a database of its own in a temporary folder, and prints each statement's time without capture, with it, and
// with it once every document is seeded (then what was written is kept, too).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../dist/config/load.js';
import { findNodeModules, readReadmes } from '../dist/demo/readmes.js';
import { install } from '../dist/documents/install.js';
import { openStores } from '../dist/documents/stores.js';
import { ensureEmbedded, stopEmbedded } from '../dist/postgres/embedded.js';
import { migrate } from '../dist/postgres/migrate.js';
import { openPool } from '../dist/postgres/pool.js';

const DOCUMENTS = Number(process.argv[2] ?? 5_000);
const ROUNDS = 5;
const SAVES = 500;

const CONFIG = `version: 1
database: embedded
documents: {}
users: {}
flags: { provider: file }
cohorts: [{ name: everyone, everyone: true }]
`;

const REWRITE = `update documents set content = jsonb_set(content, '{attrs}', to_jsonb(random())), revision = revision + 1`;

const STATEMENTS = {
  'every document, content and revision, in one statement': REWRITE,
  'every document, a column that is not mapped': 'update documents set views = views + 1',
  [`${SAVES} saves of one document each`]: Array.from(
    { length: SAVES },
    (_, n) => `${REWRITE} where id = 'd${1 + (n % DOCUMENTS)}'`,
  ),
};

/** Without capture; with it; and with it when every document is seeded, so that what was written is kept, too. */
const WAYS = {
  'without capture': 'alter table documents disable trigger user; delete from dualpath.documents',
  with: 'alter table documents enable trigger user; delete from dualpath.documents',
  seeded: `alter table documents enable trigger user;
    insert into dualpath.documents (id, cohort, fingerprint, lineage, head_hash)
      select id, 'everyone', '\\x00', '1', '\\x00' from documents`,
};

const directory = mkdtempSync(join(tmpdir(), 'dualpath-capture-cost-'));
const { url } = await ensureEmbedded(directory);
const pool = openPool(url, { max: 1 });
try {
  await fill();
  await migrate(pool);
  await install(pool, await openStores(pool, parseConfig(CONFIG, { path: 'cohorts.yaml', env: {} })));
  await pool.query(
    `insert into dualpath.cohorts (name, place, definition) values ('everyone', 0, '{"everyone":true}')`,
  );
  console.log(`${DOCUMENTS} real documents; milliseconds, median of ${ROUNDS}`);
  for (const [name, statements] of Object.entries(STATEMENTS))
    print(name, await measure([statements].flat()));
} finally {
  await pool.end();
  await stopEmbedded(directory);
  rmSync(directory, { recursive: true, force: true });
}

/** Real documents, over and over until there are enough. */
async function fill() {
  const readmes = readReadmes(findNodeModules(), 500);
  await pool.query(`
    create table users (id text primary key);
    create table documents (id text primary key, owner_id text, content jsonb not null, revision bigint not null default 1,
                            updated_at timestamptz not null default now(), views int not null default 0)`);
  for (let n = 1; n <= DOCUMENTS; n += 1) {
    const { content } = readmes[n % readmes.length];
    await pool.query('insert into documents (id, owner_id, content) values ($1, $2, $3)', [
      `d${n}`,
      `u-${n % 10}`,
      JSON.stringify(content),
    ]);
  }
}

/** Every way in every round, so that a busy machine is as busy for each; the table is without dead rows, the queue empty. */
async function measure(statements) {
  const times = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [way, prepare] of Object.entries(WAYS)) {
      await pool.query(`${prepare}; truncate dualpath.captures`);
      await pool.query('vacuum full analyze documents');
      await pool.query('vacuum analyze dualpath.documents');
      await pool.query('checkpoint');
      const start = performance.now();
      for (const statement of statements) await pool.query(statement);
      times[way].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([way, all]) => [way, median(all)]));
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(name, medians) {
  const [plain] = Object.values(medians);
  const parts = Object.entries(medians).map(
    ([way, time]) => `${time.toFixed(0)} ${way}${time === plain ? '' : ` (× ${(time / plain).toFixed(2)})`}`,
  );
  console.log(`${name}: ${parts.join(', ')}`);
}
