import { beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { MoveReport, StatusReport } from '../../src/controller.ts';
import { expectNothingDoubled, openScenario, type Scenario, save } from '../support/scenario.ts';
import { unequalDocuments } from '../support/school.ts';

const TABLES = { legacy: 'public.documents', content: 'content', id: 'id' };
const ROLLBACK = ['rollback', 'everyone', '--reason', 'a drill'];

describe('authority that moves while others write and lock', () => {
  let scenario: Scenario;

  beforeAll(async () => {
    scenario = await openScenario({ documents: 40 });
    await scenario.rollout.run(['start', 'everyone']);
    await save(scenario.database.pool, 'anobservation');
    await scenario.rollout.run(['soak']);
  });

  const ids = async (): Promise<readonly string[]> =>
    (
      await scenario.database.pool.query<{ id: string }>(`select id from public.documents order by id::text`)
    ).rows.map(({ id }) => id);

  const authorities = async (): Promise<Record<string, number>> => {
    const { rows } = await scenario.database.pool.query<{ authority: string; count: number }>(
      `select authority, count(*)::int as count from dualpath.documents group by 1`,
    );
    return Object.fromEntries(rows.map(({ authority, count }) => [authority, count]));
  };

  /** Somebody's open transaction that holds the rows of these documents; gives its process and its end. */
  async function hold(held: readonly string[]): Promise<{ pid: number; release(): Promise<void> }> {
    const client = await scenario.database.pool.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await client.query('begin');
    await client.query('select from public.documents where id = any($1::uuid[]) for update', [held]);
    return {
      pid: rows[0]?.pid ?? 0,
      async release() {
        await client.query('rollback');
        client.release();
      },
    };
  }

  it('a flip moves all but the rows that somebody keeps locked, names who does, and finishes later', async () => {
    const [first, , third] = await ids();
    const held = await hold([first ?? '', third ?? '']);
    const { error } = await scenario.rollout.run<Failure>(['flip', 'everyone'], 5);
    expect(error).toMatchObject({
      code: 'locked',
      remedy: expect.stringContaining(`select pg_terminate_backend(${held.pid})`),
      details: { pids: [held.pid] },
    });
    expect(await authorities()).toEqual({ legacy: 2, 'local-first': 38 });
    await held.release();
    await scenario.rollout.run(['flip', 'everyone']);
    expect(await authorities()).toEqual({ 'local-first': 40 });
  });

  it('a dry run of the rollback says that nothing would be lost, and changes nothing', async () => {
    const report = await scenario.rollout.run<MoveReport>([...ROLLBACK, '--dry-run']);
    expect(report).toMatchObject({ outcome: 'would', wouldLose: [], takenAlong: [] });
    expect(report.steps).toEqual([expect.stringContaining('40 documents back to legacy')]);
    expect(report.cohorts[0]).toMatchObject({ stage: 'baking', authority: 'local-first' });
    expect((await scenario.rollout.try([...ROLLBACK, '--dry-run'])).stdout).toContain('would lose nothing');
  });

  it('a rollback takes all back but locked rows; pairs that differ keep both versions and are counted', async () => {
    const { pool } = scenario.database;
    const [locked, grown, damaged, gone, refused] = await ids();
    const before = await contentsOf(scenario, [grown, damaged, gone, refused]);
    // Another program wrote the local-first side, and a table that refuses one of the mirrored contents.
    await grow(scenario, grown ?? '', 'typedlocalfirst');
    await grow(scenario, refused ?? '', 'unwelcome');
    await pool.query(`update local_first.documents set state = '\\x00ff00' where id = $1::uuid`, [damaged]);
    await pool.query(`delete from local_first.documents where id = $1::uuid`, [gone]);
    await pool.query(
      `alter table public.documents add check (position('unwelcome' in content::text) = 0) not valid`,
    );
    const held = await hold([locked ?? '']);

    const { error } = await scenario.rollout.run<Failure>(ROLLBACK, 5);
    expect(error).toMatchObject({ code: 'locked', details: { pids: [held.pid] } });
    expect(await authorities()).toEqual({ legacy: 39, 'local-first': 1 });
    await held.release();
    await scenario.rollout.run(ROLLBACK);
    expect(await authorities()).toEqual({ legacy: 40 });

    const after = await contentsOf(scenario, [grown, damaged, gone, refused]);
    expect(after.get(grown ?? '')).toContain('typedlocalfirst');
    for (const id of [damaged, gone, refused]) expect(after.get(id ?? '')).toBe(before.get(id ?? ''));
    const kept = await versionsOf(scenario);
    expect(kept.get(grown ?? '')).toEqual([before.get(grown ?? '')]);
    expect(kept.get(damaged ?? '')).toEqual([expect.stringContaining('AP8A')]);
    expect(kept.get(refused ?? '')).toEqual([expect.stringContaining('unwelcome')]);
    expect(await unequalDocuments(pool, TABLES)).toEqual([refused]);
    await expectNothingDoubled(pool);
    const { entries } = await scenario.rollout.run<{ entries: { kind: string; data: object }[] }>([
      'journal',
      'show',
      'everyone',
    ]);
    expect(entries.filter(({ kind }) => kind === 'authority-moved').map(({ data }) => data)).toContainEqual({
      to: 'legacy',
      documents: 39,
      mirroredAgain: 3,
      keptApart: 1,
    });
  });

  it('what stayed apart is drift that a repair ends, and then it can start again', async () => {
    const status = await scenario.rollout.run<StatusReport>(['status']);
    expect(status.cohorts[0]?.documents).toMatchObject({ drift: 1 });
    await scenario.rollout.run(['verify', '--repair']);
    await scenario.rollout.run(['start', 'everyone']);
    expect(await unequalDocuments(scenario.database.pool, TABLES)).toEqual([]);
  });
});

interface Failure {
  readonly error: { readonly code: string; readonly details: Record<string, unknown> };
}

async function contentsOf(
  { database }: Scenario,
  ids: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.pool.query<{ id: string; content: string }>(
    `select id, content::text as content from public.documents where id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, content }) => [id, content]));
}

async function versionsOf({ database }: Scenario): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await database.pool.query<{ id: string; contents: string[] }>(
    `select document_id as id, array_agg(content) as contents from dualpath.versions
      where source = 'rollback' group by 1`,
  );
  return new Map(rows.map(({ id, contents }) => [id, contents]));
}

/** An editor on the local-first side that dualpath does not know of types a paragraph. */
async function grow({ database: { pool } }: Scenario, id: string, word: string): Promise<void> {
  const { rows } = await pool.query<{ state: Buffer }>(
    `select state from local_first.documents where id = $1::uuid`,
    [id],
  );
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, rows[0]?.state ?? new Uint8Array());
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(word)]);
  doc.getXmlFragment('default').insert(0, [paragraph]);
  await pool.query(`update local_first.documents set state = $2::bytea where id = $1::uuid`, [
    id,
    Y.encodeStateAsUpdate(doc),
  ]);
}
