import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text as textOfStream } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { configText, essay, openTables, queue } from '../documents/tables.ts';
import { SEED } from '../support/random.ts';
import { decodedText, plainText } from './state.ts';

const WRITERS = 20;
const WRITES_EACH = 60;
const DOCUMENTS = 30;

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const RUNNER = fileURLToPath(new URL('catch-up-runner.mjs', import.meta.url));

test('20 writers of plain SQL and two processes catching up end with both stores equal', async () => {
  const { database, pool, stores } = await openTables();
  const seed = SEED;
  console.log(`DUALPATH_SEED=${seed}`);
  const runners = await Promise.all([startRunner(database.url), startRunner(database.url)]);
  const application = openPool(database.url, { max: WRITERS });
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(application, n, randomOf(seed + n))));
  await application.end();
  const reports = await Promise.all(runners.map((runner) => runner.stop()));
  expect(reports.every(({ taken }) => taken > 0)).toBe(true);

  expect(await catchUp(pool, stores)).toMatchObject({ left: 0, quarantined: 0 });
  expect(await queue(pool)).toEqual([]);
  await expectEqualStores(pool);
  await expectNothingDoubled(pool);
  expect(await deadlocks(pool)).toBe(0);
});

/** An application that writes as it likes: saves, transactions of several rows from high ids to low, deletes, new owners. */
async function writer(pool: Pool, name: number, random: () => number): Promise<void> {
  const client = await pool.connect();
  const any = (): string => `d${Math.floor(random() * DOCUMENTS)}`;
  try {
    for (let n = 0; n < WRITES_EACH; n += 1) {
      const content = essay(`writer ${name} wrote ${n}`);
      const kind = random();
      if (kind < 0.55) {
        await client.query(
          `insert into documents (id, owner_id, content) values ($1, 'u-1', $2)
           on conflict (id) do update set content = excluded.content, revision = documents.revision + 1`,
          [any(), content],
        );
      } else if (kind < 0.8) {
        const ids = [...new Set([any(), any(), any()])].sort().reverse();
        await client.query('begin');
        for (const id of ids)
          await client.query('update documents set content = $2, revision = revision + 1 where id = $1', [
            id,
            content,
          ]);
        await client.query(random() < 0.1 ? 'rollback' : 'commit');
      } else if (kind < 0.9) {
        await client.query('delete from documents where id = $1', [any()]);
      } else {
        await client.query('update documents set owner_id = $2 where id = $1', [any(), `u-${1 + (n % 4)}`]);
      }
    }
  } finally {
    client.release();
  }
}

interface Runner {
  stop(): Promise<{ readonly taken: number }>;
}

/** Ready to catch up when it resolves. */
async function startRunner(url: string): Promise<Runner> {
  const child = spawn(process.execPath, [RUNNER, DIST, url, configText({})]);
  const errors = textOfStream(child.stderr);
  const lines: string[] = [];
  const ready = deferred();
  createInterface(child.stdout).on('line', (line) => (line === 'ready' ? ready.resolve() : lines.push(line)));
  const closed = once(child, 'close').then(async ([code]) => {
    expect({ code, errors: await errors }).toEqual({ code: 0, errors: '' });
  });
  await Promise.race([ready.promise, closed]);
  return {
    async stop() {
      child.stdin.end();
      await closed;
      return JSON.parse(lines.join('')) as { taken: number };
    },
  };
}

/** Read by SQL, Yjs and y-prosemirror alone. */
async function expectEqualStores(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ id: string; content: string; state: Buffer | null; alive: boolean }>(
    `select d.id, d.content::text as content, s.state, l.deleted_at is null as alive
       from documents d left join local_first.documents s using (id) left join dualpath.documents l using (id)`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { id, content, state, alive } of rows) {
    expect({ id, alive, text: state && decodedText(state) }).toEqual({
      id,
      alive: true,
      text: plainText(JSON.parse(content)),
    });
  }
  const { rows: dead } = await pool.query(
    `select id from dualpath.documents where deleted_at is null and id not in (select id from documents)`,
  );
  expect(dead).toEqual([]);
}

/** Updates are numbered without a gap up to the head, versions likewise, and each lineage has one seed. */
async function expectNothingDoubled(pool: Pool): Promise<void> {
  const { rows } = await pool.query(
    `select l.id from dualpath.documents l
       join lateral (select count(*) as updates, count(distinct version) as versions, max(seq) as last,
                            count(*) filter (where origin = 'seed') as seeds
                       from dualpath.updates u where u.document_id = l.id) u on true
      where u.updates <> l.head or u.versions <> l.version or u.last <> l.head or u.seeds <> l.lineage::bigint`,
  );
  expect(rows).toEqual([]);
}

async function deadlocks(pool: Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.deadlocks);
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
