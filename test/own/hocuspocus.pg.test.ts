import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { PlanReport, SoakReport } from '../../src/controller.ts';
import {
  HOCUSPOCUS_KEYS,
  HOCUSPOCUS_TABLE,
  type HocuspocusProgram,
  hocuspocusProgram,
} from './hocuspocus-program.ts';
import { controlling, insertLegacy, type OwnRollout, openOwn, recordedDrift } from './support.ts';

let own: OwnRollout;
let program: HocuspocusProgram;

const soak = async (): Promise<SoakReport> => {
  await program.flush();
  return controlling(own, (controller) => controller.soak([]));
};

describe('a Hocuspocus server with its own table, whose store hook writes the legacy row', () => {
  beforeAll(async () => {
    own = await openOwn(HOCUSPOCUS_TABLE, HOCUSPOCUS_KEYS);
    for (const n of [1, 2, 3, 4])
      await insertLegacy(own, `doc-${n}`, `the first words of number ${n}`, `and some that come after them`);
    program = await hocuspocusProgram(own.database.pool);
    await controlling(own, (controller) => controller.init());
  });
  afterAll(() => program.close());

  test('is planned with what rests with it', async () => {
    const { warnings } = await own.rollout.run<PlanReport>(['plan']);
    expect(warnings.join('\n')).toContain('write_path is own');
  });

  test('opens in a stock editor what dualpath has seeded, and writes both stores from then on', async () => {
    await controlling(own, (controller) => controller.start('everyone', {}));
    await program.type('doc-1', 'typed');
    await program.edit('doc-2', (doc) => {
      doc.getText('title').insert(0, 'A title');
      doc.getMap('comments').set('c-1', 'well said');
    });
    expect(await soak()).toMatchObject({ verdict: 'pass', cohorts: [{ observations: 1, mismatches: 0 }] });
    const { rows } = await own.database.pool.query(`select content::text from documents where id = 'doc-1'`);
    expect(rows[0]?.content).toContain('after them typed');
    expect(await seedsOf('doc-1')).toBe(1);
  });

  test('that loses a state is found out, and the flip held until it has stored it', async () => {
    program.faults.stateless.add('doc-1');
    await program.type('doc-1', 'lost');
    await expectHeld('doc-1', 'stale');
    program.faults.stateless.clear();
    const { rows } = await own.database.pool.query(`select content from documents where id = 'doc-1'`);
    const words = JSON.stringify(rows[0]?.content).includes('lost');
    expect(words).toBe(true);
    await program.type('doc-1', 'lost');
    await expectClear();
  });

  test('that loses a legacy row is found out', async () => {
    program.faults.rowless.add('doc-2');
    await program.type('doc-2', 'lost');
    await expectHeld('doc-2', 'stale');
    program.faults.rowless.clear();
    await program.type('doc-2', 'again');
    await expectClear();
  });

  test('that fills a document again is found out, though it mirrors what it doubled', async () => {
    program.faults.seeding.add('doc-3');
    await program.type('doc-3', 'twice');
    await expectHeld('doc-3', 'doubled');
    program.faults.seeding.clear();
    await program.edit('doc-3', (doc) => {
      const blocks = doc.getXmlFragment('default');
      blocks.delete(0, 2);
    });
    await expectClear();
  });

  test('flips on proof, rolls back and goes forward again', async () => {
    const go = (step: 'flip' | 'start') => controlling(own, (controller) => controller[step]('everyone', {}));
    expect(await go('flip')).toMatchObject({ cohorts: [{ stage: 'baking', authority: 'local-first' }] });
    await program.type('doc-4', 'baking');
    expect((await soak()).verdict).toBe('pass');
    await controlling(own, (controller) => controller.rollback(['everyone'], {}));
    await program.type('doc-4', 'back');
    await program.flush();
    expect(await go('start')).toMatchObject({ cohorts: [{ stage: 'soaking' }] });
    await program.type('doc-4', 'forward');
    expect((await soak()).verdict).toBe('pass');
    expect(await go('flip')).toMatchObject({ cohorts: [{ stage: 'baking' }] });
    expect(await seedsOf('doc-4')).toBe(1);
  });
});

async function expectHeld(document: string, kind: string): Promise<void> {
  const report = await soak();
  expect(await recordedDrift(own)).toEqual({ [document]: kind });
  expect(report.verdict).toBe('fail');
  expect(report.cohorts[0]?.mismatches).toBeGreaterThan(0);
  expect(await controlling(own, (controller) => controller.flip('everyone', {}))).toMatchObject({
    outcome: 'failed',
  });
}

async function expectClear(): Promise<void> {
  expect((await soak()).verdict).toBe('pass');
  expect(await recordedDrift(own)).toEqual({});
}

/** How many clients put the first block of a document where it is: one seed, by a decoder that is not ours. */
async function seedsOf(id: string): Promise<number> {
  const { rows } = await own.database.pool.query('select data from hocuspocus where name = $1', [id]);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, rows[0]?.data);
  return doc
    .getXmlFragment('default')
    .toArray()
    .filter((block) => block.toString().includes('the first words')).length;
}
