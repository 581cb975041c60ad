import { beforeAll, describe, expect, test } from 'vitest';
import type { PlanReport, SoakReport, StatusReport } from '../../src/controller.ts';
import { type PlainProgram, PROGRAM_KEYS, PROGRAM_TABLE, plainProgram } from './plain-program.ts';
import { controlling, insertLegacy, type OwnRollout, openOwn, recordedDrift } from './support.ts';

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
    expect(warnings.join('\n')).toMatch(/after `start` the application must not seed/);
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
});
