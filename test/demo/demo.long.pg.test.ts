import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import * as Y from 'yjs';
import { type Controller, type DemoRollout, openController, runDemo } from '../../src/controller.ts';
import { SCENES } from '../../src/demo/scenes/index.ts';
import { ensureEmbedded, isEmbeddedRunning, stopEmbedded } from '../../src/postgres/embedded.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { startCli } from '../support/cli.ts';
import { said } from './said.ts';

const DOCUMENTS = 40;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dualpath-demo-'));
  chmodSync(directory, 0o711);
});
afterAll(async () => {
  await stopEmbedded(join(directory, '.dualpath'));
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

const inDirectory = (rollout: DemoRollout) => ({
  directory,
  keep: false,
  signal: new AbortController().signal,
  note: () => undefined,
  rollout,
  documents: DOCUMENTS,
});

const COHORTS = ['staff', 'pilot-school', 'tenth', 'everyone'] as const;

/** The demo's own rollout of some cohorts, where each moves on as soon as a few saves of it were compared. */
function quickly(
  cohorts: readonly string[] = COHORTS,
  afterEach: (cohort: string) => Promise<void> = async () => undefined,
): DemoRollout {
  const driving = async <T>(config: string, work: (controller: Controller) => Promise<T>): Promise<T> => {
    const controller = await openController({ config, operator: 'demo', reason: 'demo' });
    return work(controller).finally(() => controller.close());
  };
  return {
    async init(config) {
      const soak = { duration: '0s', min_observations: 3, max_mismatch_rate: 1 };
      writeFileSync(
        config,
        stringify({ ...parse(readFileSync(config, 'utf8')), soak, bake: { duration: '0s' } }),
      );
      await driving(config, (controller) => controller.init());
    },
    run: (config) =>
      driving(config, async (controller) => {
        for (const cohort of cohorts) {
          for (let moved = ''; moved !== 'done'; ) moved = (await controller.run([cohort], {})).outcome;
          await afterEach(cohort);
        }
      }),
    verify: (config) =>
      driving(config, async (controller) => {
        await controller.verify([], { scope: 'full', repair: false, limit: 0 });
      }),
    review: (config) => driving(config, leaveAsTheyAre),
    waitingFor: async () => [],
  };
}

async function leaveAsTheyAre(controller: Controller): Promise<readonly string[]> {
  const { conflicts } = await controller.conflicts();
  const waiting = conflicts.filter((each) => each.class === 'needs-review' && each.resolved === null);
  for (const { id } of waiting) await controller.resolveConflict(id, 'merged');
  return waiting.map(({ id }) => `looked at ${id}`);
}

async function inDatabase<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const { url } = await ensureEmbedded(join(directory, '.dualpath'));
  const pool = openPool(url, { max: 1 });
  return work(pool).finally(() => pool.end());
}

// The demos in here start servers of their own, one after another.
describe('a demo', { timeout: 240_000 }, () => {
  it('that is interrupted while it starts leaves no process behind', async () => {
    const { child, ended } = startCli(['demo'], { cwd: directory });
    await said(child.stderr, /real documents .* is open/);
    // Unleash is starting now.
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ exit: 130 });
    expect(isEmbeddedRunning(join(directory, '.dualpath'))).toBe(false);
  });

  it('after one that was killed moves everything while students save in every cohort, one demo at a time', async () => {
    const { child, ended } = startCli(['demo'], { cwd: directory });
    await said(child.stderr, /PostgreSQL is up/);
    child.kill('SIGKILL');
    await ended;
    const rollout = quickly(COHORTS, async (cohort) => {
      if (cohort !== 'staff') return;
      await expect(runDemo(inDirectory(quickly()))).rejects.toMatchObject({
        code: 'demo-running',
        exitCode: 5,
      });
    });
    const summary = await runDemo(inDirectory(rollout));
    expect(summary).toMatchObject({
      sound: true,
      documents: DOCUMENTS,
      moved: DOCUMENTS,
      proven: DOCUMENTS,
      quarantined: 0,
      lost: 0,
      doubled: 0,
    });
    expect(summary.cohorts.map(({ name }) => name)).toEqual(COHORTS);
    for (const { name, saves, pushes } of summary.cohorts)
      expect({ name, both: saves > 0 && pushes > 0 }).toEqual({ name, both: true });
    expect(summary).toMatchObject({ unsettled: 0, conflicts: { open: 0 }, pushes: { duplicate: 1 } });
    expect(summary.conflicts.reviewed).toBeGreaterThan(0);
    expect(summary.scenes).toEqual(SCENES.map(({ name }) => name));
    expect(isEmbeddedRunning(join(directory, '.dualpath'))).toBe(false);
  });

  it('counts what a fault in the middle lost and doubled, and is not sound', async () => {
    const faulty = quickly(['staff', 'pilot-school'], async (cohort) => {
      if (cohort === 'staff') await inDatabase(plantFaults);
    });
    const summary = await runDemo(inDirectory(faulty));
    expect(summary).toMatchObject({ sound: false, doubled: expect.any(Number) });
    expect(summary.lost).toBeGreaterThan(0);
    expect(summary.doubled).toBeGreaterThan(0);
  });

  it('does not touch a database that holds what it did not make', async () => {
    await inDatabase(async (pool) => {
      await pool.query('drop table public.documents cascade');
      await pool.query(`create schema app; create table app."Essays" as select 'mine' as text`);
    });
    await expect(runDemo(inDirectory(quickly()))).rejects.toMatchObject({
      code: 'demo-occupied',
      exitCode: 2,
      message: expect.stringContaining('app."Essays"'),
    });
    expect(isEmbeddedRunning(join(directory, '.dualpath'))).toBe(true);
    const tables = await inDatabase((pool) =>
      pool.query(`select to_regclass('app."Essays"') as mine, to_regclass('dualpath.documents') as known`),
    );
    expect(tables.rows).toEqual([{ mine: 'app."Essays"', known: 'dualpath.documents' }]);
  });
});

/** Two of the written documents: the state of one is lost and replaced by an empty one, a word of the other stands there twice more. */
async function plantFaults(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ id: string; state: Buffer; word: string }>(
    `select l.id, l.state, min(w.word) as word from local_first.documents l
       join public.written_words w on w.document_id = l.id group by l.id, l.state limit 2`,
  );
  const [emptied, doubled] = rows;
  if (!emptied || !doubled) throw new Error('nobody wrote');
  const put = (id: string, doc: Y.Doc) =>
    pool.query('update local_first.documents set state = $2 where id = $1', [
      id,
      Buffer.from(Y.encodeStateAsUpdate(doc)),
    ]);
  const empty = new Y.Doc();
  empty.getXmlFragment('default').insert(0, [new Y.XmlElement('paragraph')]);
  await put(emptied.id, empty);
  const twice = new Y.Doc();
  Y.applyUpdate(twice, doubled.state);
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(`${doubled.word} ${doubled.word}`)]);
  twice.getXmlFragment('default').push([paragraph]);
  await put(doubled.id, twice);
}
