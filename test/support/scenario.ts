import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Controller, openController } from '../../src/controller.ts';
import { openDocumentStore } from '../../src/index.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import type { CliResult } from './cli.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { QUICK, rolloutOf, type TestRollout } from './rollout.ts';
import { fillSchool, schoolTables, unequalDocuments } from './school.ts';

export { randomFrom, SEED } from './random.ts';

/** A school on a database of its own with dualpath installed, and its rollout, flags in a file where nothing else is said. */
export interface Scenario {
  readonly database: TestDatabase;
  readonly rollout: TestRollout;
}

export interface ScenarioOptions {
  /** Real documents, READMEs; and small ones beside them, which are quick to make many of. */
  readonly documents?: number;
  readonly small?: number;
  readonly cohorts?: readonly object[];
  /** Other keys of the config. */
  readonly keys?: object;
  /** Where the program finds the database, if not directly. */
  readonly url?: (direct: string) => string;
}

export const EVERYONE = { name: 'everyone', everyone: true } as const;

export async function openScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const database = await freshDatabase({ migrated: false });
  await fillSchool(database, options.documents ?? 30);
  if (options.small) await addSmallDocuments(database.pool, options.small);
  const rollout = rolloutOf({
    version: 1,
    database: (options.url ?? ((direct) => direct))(database.url),
    ...schoolTables,
    flags: { provider: 'file' },
    ...QUICK,
    cohorts: options.cohorts ?? [EVERYONE],
    ...options.keys,
  });
  const scenario = { database, rollout };
  await controlling(scenario, (controller) => controller.init());
  return scenario;
}

const addSmallDocuments = (pool: Pool, count: number) =>
  pool.query(
    `insert into public.documents (owner_id, title, content)
     select 'u-' || (1 + n % 240), 'small ' || n, jsonb_build_object('type', 'doc', 'content', (
              select jsonb_agg(jsonb_build_object('type', 'paragraph', 'content',
                       jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'word' || n || ' in paragraph ' || p))))
                from generate_series(1, 8) p))
       from generate_series(1, $1::int) n`,
    [count],
  );

/**
 * Students save as the editor's server does it for them, the whole document through dualpath: a paragraph with `word`
 * before all others. Only such saves show that the path which clients will take works.
 */
export async function save(
  { database: { pool }, rollout }: Scenario,
  word: string,
  condition = 'true',
  limit = 5,
): Promise<void> {
  const documents = await openDocumentStore({ config: rollout.config, pool });
  const { rows } = await pool.query<{ id: string }>(
    `select id::text as id from public.documents where ${condition} order by id limit $1::int`,
    [limit],
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { id } of rows) {
    const { content, revision } = await documents.load({ id });
    await documents.save({ id, content: withParagraph(content, word), baseRevision: revision ?? undefined });
  }
}

/** The document with another paragraph before all others. */
export function withParagraph(content: unknown, word: string): object {
  const document = content as { readonly type: string; readonly content?: readonly object[] };
  const paragraph = { type: 'paragraph', content: [{ type: 'text', text: word }] };
  return { ...document, content: [paragraph, ...(document.content ?? [])] };
}

/** The same past dualpath: a program that writes the legacy table by plain SQL. */
export async function saveBySql(pool: Pool, word: string, condition = 'true', limit = 5): Promise<void> {
  const { rowCount } = await pool.query(
    `update public.documents
        set content = jsonb_insert(content, '{content,0}', jsonb_build_object('type', 'paragraph', 'content',
              jsonb_build_array(jsonb_build_object('type', 'text', 'text', $1::text)))),
            revision = revision + 1
      where id in (select id from public.documents where ${condition} order by id limit $2::int)`,
    [word, limit],
  );
  expect(rowCount).toBeGreaterThan(0);
}

const TABLES = { legacy: 'public.documents', content: 'content', id: 'id' };

/** Every document is in both stores and equal by a decoder that is not ours, with one seed each. */
export async function expectNothingLostOrDoubled({ database: { pool } }: Scenario): Promise<void> {
  expect(await unequalDocuments(pool, TABLES)).toEqual([]);
  await expectNothingDoubled(pool);
  const { rows } = await pool.query(
    `select (select count(*)::int from public.documents) as documents,
            (select count(distinct document_id)::int from dualpath.updates where origin = 'seed') as seeds,
            (select count(*)::int from dualpath.quarantine) as quarantined`,
  );
  expect(rows[0]).toMatchObject({ quarantined: 0, seeds: rows[0].documents });
}

/** May be asked at any moment: no document has a second seed, or one side of a seed without the other. */
export async function expectNothingDoubled(
  pool: Pool,
  states: { readonly table: string; readonly id: string } = { table: 'local_first.documents', id: 'id' },
): Promise<void> {
  const { table, id } = states;
  const { rows } = await pool.query(
    `select document_id as id, 'seeds' as what from dualpath.updates where origin = 'seed' group by 1 having count(*) > 1
     union all
     select d.id, 'no state' from dualpath.documents d where not exists (select from ${table} s where s.${id}::text = d.id)
     union all
     select s.${id}::text, 'no link' from ${table} s where not exists (select from dualpath.documents d where d.id = s.${id}::text)`,
  );
  expect(rows).toEqual([]);
}

/** The same calls as the commands make, in this process: for steps that only lead to what a test is about. */
export async function controlling<T>(
  { rollout }: Scenario,
  work: (controller: Controller) => Promise<T>,
): Promise<T> {
  const controller = await openController({ config: rollout.config, operator: 'test', reason: 'a test' });
  try {
    return await work(controller);
  } finally {
    await controller.close();
  }
}

export async function stageOf(scenario: Scenario, cohort = 'everyone'): Promise<string> {
  const { cohorts } = await controlling(scenario, (controller) => controller.status([cohort]));
  return cohorts[0]?.stage ?? 'none';
}

/** The same command again until somebody else's lease has run out. */
export async function untilFree({ rollout }: Scenario, args: readonly string[]): Promise<CliResult> {
  while (true) {
    const result = await rollout.try([...args, '--json']);
    if (result.exit !== 5 || !result.stdout.includes('"lease-held"')) return result;
    await sleep(500);
  }
}

/** Looks again until `sql` gives a row. */
export async function untilRow<T extends object>(
  pool: Pool,
  sql: string,
  values: unknown[] = [],
): Promise<T> {
  while (true) {
    const { rows } = await pool.query<T>(sql, values);
    if (rows[0]) return rows[0];
    await sleep(5);
  }
}
