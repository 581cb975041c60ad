import { beforeAll, describe, expect, test } from 'vitest';
import type { PlanReport, SoakReport, StatusReport } from '../../src/controller.ts';
import { untilRow } from '../support/scenario.ts';
import { type PlainProgram, PROGRAM_KEYS, PROGRAM_TABLE, plainProgram } from './plain-program.ts';
import {
  controlling,
  driftOf,
  insertLegacy,
  latch,
  type OwnRollout,
  openOwn,
  recordedDrift,
  SETTLE,
} from './support.ts';

let own: OwnRollout;
let program: PlainProgram;

const soak = (): Promise<SoakReport> => controlling(own, (controller) => controller.soak([]));
const gateOf = (report: SoakReport, name: string) =>
  report.cohorts[0]?.gates.find(({ gate }) => gate === name);
const statusOf = async () =>
  (await controlling(own, (controller) => controller.status([])))
    .cohorts[0] as StatusReport['cohorts'][number];

describe('an application that writes both stores by plain SQL', () => {
  beforeAll(async () => {
    own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    program = plainProgram(own.database.pool);
    for (const n of [1, 2, 3, 4]) await insertLegacy(own, `old-${n}`, `one ${n}`, `two ${n}`);
    for (const n of [1, 2]) await program.create(`both-${n}`, 'u-2', `written twice ${n}`);
    await own.rollout.run(['init']);
  });

  test('is told by `plan` what rests with it', async () => {
    const { warnings } = await own.rollout.run<PlanReport>(['plan']);
    expect(warnings.join('\n')).toMatch(
      /durability, merging, the mirror and repair rest with the application/,
    );
    expect(warnings.join('\n')).toMatch(/after the start of its cohort the application must not seed/);
  });

  test('is seeded only where it has no state of its own', async () => {
    const before = await own.database.pool.query('select name, data from app.ydocs order by name');
    await own.rollout.run(['start', 'everyone']);
    const after = await own.database.pool.query('select name, data from app.ydocs order by name');
    expect(after.rows.filter(({ name }) => name.startsWith('both'))).toEqual(before.rows);
    expect(after.rows.map(({ name }) => name)).toEqual([
      'both-1',
      'both-2',
      'old-1',
      'old-2',
      'old-3',
      'old-4',
    ]);
    expect(await recordedDrift(own)).toEqual({});
  });

  test('passes a soak with what it wrote twice', async () => {
    await program.type('old-1', 'apple');
    await program.type('both-1', 'pear');
    await program.comment('both-1', 'well said');
    const report = await soak();
    expect(await recordedDrift(own)).toEqual({});
    expect(report).toMatchObject({ verdict: 'pass', cohorts: [{ observations: 2, mismatches: 0 }] });
    expect((await soak()).cohorts[0]).toMatchObject({ observations: 2, mismatches: 0 });
  });

  test('is found to have lost its second write, which holds the flip', async () => {
    await program.type('old-2', 'lost', { lose: 'local-first' });
    const report = await soak();
    expect(await recordedDrift(own)).toEqual({ 'old-2': 'stale' });
    expect(gateOf(report, 'verification')).toMatchObject({ verdict: 'fail' });
    const refused = await own.rollout.try(['flip', 'everyone']);
    expect(refused.exit).toBe(3);
    expect(await statusOf()).toMatchObject({ stage: 'soaking', documents: { drift: 1 } });
  });

  test('flips on proof once it has mended it', async () => {
    await program.mend('old-2');
    expect(await soak()).toMatchObject({ verdict: 'pass' });
    await own.rollout.run(['flip', 'everyone']);
    expect(await statusOf()).toMatchObject({ stage: 'baking', authority: 'local-first' });
  });

  test('bakes while it writes, rolls back and goes forward again without a second seed', async () => {
    await program.type('old-3', 'baking');
    expect(await soak()).toMatchObject({ verdict: 'pass' });
    await own.rollout.run(['rollback', 'everyone', '--reason', 'a drill']);
    expect(await statusOf()).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    await program.type('old-3', 'rolledback');
    const before = await statesOf();
    await own.rollout.run(['start', 'everyone']);
    expect(await statesOf()).toEqual(before);
    await program.type('old-4', 'again');
    expect(await soak()).toMatchObject({ verdict: 'pass' });
    await own.rollout.run(['flip', 'everyone']);
    await program.type('old-4', 'once more');
    await soak();
    await own.rollout.run(['complete', 'everyone', '--yes', '--reason', 'it held']);
    await program.type('old-4', 'alone', { lose: 'legacy' });
    expect(await driftOf(own)).toEqual({});
  });
});

describe('what goes wrong in an application that writes both stores', () => {
  beforeAll(async () => {
    own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    program = plainProgram(own.database.pool);
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) await insertLegacy(own, `doc-${n}`, `one ${n}`, `two ${n}`);
    await controlling(own, (controller) => controller.init());
    await controlling(own, (controller) => controller.start('everyone', {}));
  });

  /** The fault is found by a soak, holds the flip, and is gone from the record once it is mended. */
  async function expectFound(document: string, kind: string): Promise<void> {
    const report = await soak();
    expect(await recordedDrift(own)).toEqual({ [document]: kind });
    expect(report.verdict).toBe('fail');
    expect(await controlling(own, (controller) => controller.flip('everyone', {}))).toMatchObject({
      outcome: 'failed',
    });
    const counted = report.cohorts[0]?.mismatches;
    await soak();
    expect(await recordedDrift(own), 'seen again it is the same').toEqual({ [document]: kind });
    await program.mend(document);
    expect((await soak()).verdict, `${counted} mismatches before`).toBe('pass');
    expect(await recordedDrift(own)).toEqual({});
  }

  test('a local-first write that is lost', async () => {
    await program.type('doc-1', 'lost', { lose: 'local-first' });
    await expectFound('doc-1', 'stale');
  });

  test('a legacy write that is lost', async () => {
    await program.type('doc-2', 'lost', { lose: 'legacy' });
    await expectFound('doc-2', 'stale');
  });

  test('a document that is filled once more', async () => {
    await program.seedAgain('doc-3');
    await expectFound('doc-3', 'doubled');
  });

  test('one that is filled once more and was edited since', async () => {
    await program.seedAgain('doc-4');
    await program.type('doc-4', 'more', { lose: 'legacy' });
    await soak();
    expect(await recordedDrift(own)).toEqual({ 'doc-4': 'doubled' });
    await program.mend('doc-4');
    expect((await soak()).verdict).toBe('pass');
  });

  test('a new document whose state is lost is not seeded over, but found missing', async () => {
    await program.create('new-1', 'u-3', 'new', { lose: 'local-first' });
    await expectFound('new-1', 'missing');
  });

  test('a new document whose row is lost is found as extra', async () => {
    await program.create('new-2', 'u-3', 'new', { lose: 'legacy' });
    await expectFound('new-2', 'extra');
  });

  test('a state that goes away is missing, and is not put back', async () => {
    await program.type('doc-5', 'mine');
    await own.database.pool.query(`delete from app.ydocs where name = 'doc-5'`);
    await expectFound('doc-5', 'missing');
  });

  test('both sides that went different ways', async () => {
    await program.type('doc-6', 'here', { lose: 'legacy' });
    await program.typeAsBefore('doc-6', 'there');
    await expectFound('doc-6', 'content');
  });

  test('a second write that is late by less than `settle` is no mismatch', async () => {
    own.rollout.change({ settle: '4s' });
    const second = latch();
    const late = program.type('doc-7', 'late', { until: second.opened });
    await untilRow(own.database.pool, `select 1 from dualpath.captures where subject = 'doc-7'`);
    const soaking = soak();
    await untilRow(own.database.pool, `select 1 from dualpath.pairs where document_id = 'doc-7' and open`);
    second.open();
    await late;
    expect((await soaking).cohorts[0]?.mismatches).toBe(0);
    own.rollout.change({ settle: SETTLE });
    expect((await soak()).verdict).toBe('pass');
    expect(await recordedDrift(own)).toEqual({});
  });

  test('a second write that is late by more is one, until it comes', async () => {
    const second = latch();
    const late = program.type('doc-8', 'late', { until: second.opened });
    await untilRow(own.database.pool, `select 1 from dualpath.captures where subject = 'doc-8'`);
    const report = await soak();
    expect(await recordedDrift(own)).toEqual({ 'doc-8': 'stale' });
    expect(report.verdict).toBe('fail');
    second.open();
    await late;
    expect((await soak()).verdict).toBe('pass');
  });

  test('`verify --repair` leaves what the application wrote to the application, and says so', async () => {
    await program.type('doc-1', 'lost again', { lose: 'local-first' });
    await soak();
    const before = await statesOf();
    const { cohorts } = await controlling(own, (controller) =>
      controller.verify([], { scope: 'full', repair: true, limit: 10 }),
    );
    expect(cohorts[0]).toMatchObject({
      repaired: 0,
      drift: [{ document: 'doc-1', class: 'stale' }],
      notRepaired: [{ document: 'doc-1', because: expect.stringContaining('write_path: own') }],
    });
    expect(await statesOf()).toEqual(before);
    await program.mend('doc-1');
  });

  test('a seed that nobody has written since is put back by `verify --repair`', async () => {
    await insertLegacy(own, 'seeded', 'untouched');
    await own.database.pool.query(
      `update dualpath.captures set captured_at = '2000-01-01' where subject = 'seeded'`,
    );
    await soak();
    const { rows } = await own.database.pool.query(
      `delete from app.ydocs where name = 'seeded' returning data`,
    );
    await soak();
    expect(await recordedDrift(own)).toEqual({ seeded: 'missing' });
    await controlling(own, (controller) => controller.verify([], { scope: 'full', repair: true, limit: 10 }));
    expect(await recordedDrift(own)).toEqual({});
    const again = await own.database.pool.query(`select data from app.ydocs where name = 'seeded'`);
    expect(again.rows).toEqual(rows);
  });

  test('a rollback with a pair that differs keeps both as they are', async () => {
    await program.type('doc-2', 'both');
    expect((await soak()).verdict).toBe('pass');
    await controlling(own, (controller) => controller.flip('everyone', {}));
    await program.type('doc-2', 'lost while baking', { lose: 'legacy' });
    await soak();
    const before = await statesOf();
    const { rows } = await own.database.pool.query('select id, content from public.documents order by id');
    await controlling(own, (controller) => controller.rollback(['everyone'], {}));
    expect(await statusOf()).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    expect(await statesOf()).toEqual(before);
    expect(
      (await own.database.pool.query('select id, content from public.documents order by id')).rows,
    ).toEqual(rows);
  });
});

const statesOf = async () =>
  (await own.database.pool.query('select name, data from app.ydocs order by name')).rows;
