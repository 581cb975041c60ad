import { beforeAll, describe, expect, it } from 'vitest';
import type { KeptReport, MoveReport, SoakReport, StatusReport, WhyReport } from '../../src/controller.ts';
import { openScenario, type Scenario, save } from '../support/scenario.ts';
import { documentOf, ERROR } from './document-of.ts';
import { runHere } from './streams.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const VERDICT = expect.stringMatching(/^(pass|fail|inconclusive|error)$/);
const GATE = {
  gate: expect.any(String),
  verdict: VERDICT,
  observed: expect.anything(),
  wanted: expect.anything(),
  because: expect.any(String),
  since: TIME,
};
const STATUS = {
  name: 'everyone',
  stage: expect.any(String),
  status: 'running',
  authority: expect.stringMatching(/^(legacy|mixed|local-first)$/),
  members: 240,
  moving: 0,
  documents: {
    total: 15,
    migrated: expect.any(Number),
    proven: expect.any(Number),
    quarantined: 0,
    drift: expect.any(Number),
  },
  gates: expect.any(Array),
  waitingFor: expect.any(Array),
};
describe('what a command answers with --json', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({
      documents: 15,
      keys: { soak: { min_observations: 10, duration: '0s' } },
    });
  });

  const json = async <T>(line: string, exit = 0): Promise<T> => {
    const result = await runHere([...line.split(' '), '--json', '--config', scenario.rollout.config]);
    expect(result, `${line}\n${result.stderr}`).toMatchObject({ exit });
    return documentOf(result) as T;
  };

  it('status: a cohort that is planned', async () => {
    expect(await json('status')).toMatchObject({
      cohorts: [{ ...STATUS, stage: 'planned', gates: [], waitingFor: ['start'] }],
    });
  });

  it('plan: members, documents, and what would change', async () => {
    expect(await json('plan')).toMatchObject({
      cohorts: [
        {
          name: 'everyone',
          members: 240,
          documents: 15,
          bytes: expect.any(Number),
          shared: expect.any(Number),
          unconvertible: [],
          flagChanges: [
            expect.stringContaining('local-first.dual-write'),
            expect.stringContaining('local-first.default'),
            expect.stringContaining('loses'),
          ],
        },
      ],
    });
  });

  it('doctor: every check by itself', async () => {
    expect(await json('doctor')).toMatchObject({
      healthy: true,
      checks: expect.arrayContaining([
        { check: 'database', ok: true, found: expect.any(String), remedy: null },
      ]),
    });
  });

  it('soak with nothing to compare: nothing is wrong', async () => {
    expect(await json('soak --strict')).toMatchObject({ verdict: 'inconclusive', cohorts: [] });
  });

  it('start: the status of the cohort it touched, and the steps', async () => {
    const report = await json<MoveReport>('start everyone');
    expect(report).toMatchObject({
      outcome: 'moved',
      cohorts: [{ ...STATUS, stage: 'soaking', documents: { total: 15, migrated: 15, proven: 15 } }],
    });
    expect(report.steps).toEqual([
      'everyone: planned → dual-writing',
      'everyone: flag dual_write is on',
      'everyone: dual-writing → backfilling',
      'everyone: 15 documents copied',
      'everyone: 15 documents compared, no drift',
      'everyone: backfilling → soaking',
    ]);
  });

  it('soak: its gates, and 0 while it only waits; 4 with --strict', async () => {
    await save(scenario.database.pool, 'observed');
    const report = await json<SoakReport>('soak');
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      cohorts: [{ name: 'everyone', verdict: 'inconclusive', observations: 5, mismatches: 0 }],
    });
    expect(report.cohorts[0]?.upperBound).toEqual(expect.any(Number));
    for (const gate of report.cohorts[0]?.gates ?? []) expect(gate).toMatchObject(GATE);
    expect(await json('soak --strict', 4)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('flip before it is due: 4, and the status', async () => {
    expect(await json('flip everyone', 4)).toMatchObject({
      outcome: 'not-yet',
      because: expect.stringContaining('observations 5 < 10'),
      cohorts: [{ stage: 'soaking' }],
    });
  });

  it('run: 0 while it waits, 4 with --strict', async () => {
    expect(await json('run')).toMatchObject({ outcome: 'not-yet' });
    expect(await json('run --strict', 4)).toMatchObject({ outcome: 'not-yet' });
  });

  it('why: each gate with what would clear it', async () => {
    const report = await json<WhyReport>('why everyone');
    expect(report).toMatchObject({ cohort: 'everyone', stage: 'soaking', since: TIME });
    expect(report.gates.find(({ gate }) => gate === 'observations')).toMatchObject({
      ...GATE,
      verdict: 'inconclusive',
      observed: 5,
      wanted: 10,
      clears: expect.stringContaining('5 more'),
    });
  });

  it('verify: counts are numbers, and drift is named by class', async () => {
    expect(await json('verify')).toMatchObject({
      cohorts: [
        {
          name: 'everyone',
          compared: 15,
          matched: 15,
          missing: 0,
          extra: 0,
          quarantined: 0,
          driftTotal: 0,
          durationMs: expect.any(Number),
          drift: [],
        },
      ],
    });
    await scenario.database.pool.query(`delete from local_first.documents
      where id in (select id from local_first.documents order by id limit 2)`);
    expect(await json('verify --limit 1', 3)).toMatchObject({
      cohorts: [
        {
          driftTotal: 2,
          drift: [{ document: expect.any(String), class: 'missing', detail: expect.any(String) }],
        },
      ],
    });
  });

  it('soak, flip and run over drift: 3, and why', async () => {
    expect(await json('soak', 3)).toMatchObject({ verdict: 'fail' });
    expect(await json('flip everyone', 3)).toMatchObject({
      outcome: 'failed',
      cohorts: [{ stage: 'soaking' }],
    });
    expect(await json('run', 3)).toMatchObject({ outcome: 'failed' });
    expect(await json<StatusReport>('status')).toMatchObject({ cohorts: [{ documents: { drift: 2 } }] });
  });

  it('verify --repair mends it: 0 again', async () => {
    expect(await json('verify --repair')).toMatchObject({ cohorts: [{ repaired: 2, driftTotal: 0 }] });
  });

  it('pause and resume: the status', async () => {
    expect(await json('pause everyone')).toMatchObject({ cohorts: [{ status: 'paused' }] });
    expect(await json('flip everyone', 5)).toMatchObject(ERROR);
    expect(await json('resume everyone')).toMatchObject({ cohorts: [{ status: 'running' }] });
  });

  it('complete where the stage does not allow it: 5', async () => {
    expect(await json('complete everyone --yes --reason x', 5)).toMatchObject(ERROR);
  });

  it('flip, once it is due: 3 at a document that drifted since, and then it goes on', async () => {
    scenario.rollout.change({ soak: { min_observations: 1, duration: '0s', max_mismatch_rate: 1 } });
    await json('soak');
    await save(scenario.database.pool, 'again');
    await json('soak');
    await scenario.database.pool.query(`delete from local_first.documents
      where id in (select id from local_first.documents order by id limit 1)`);
    expect(await json('flip everyone', 3)).toMatchObject({
      outcome: 'failed',
      because: expect.stringMatching(/drift 1 > 0|1 document with unequal sides/),
      remedy: expect.stringContaining('`dualpath verify everyone --repair`'),
      cohorts: [{ stage: 'cutting-over', documents: { drift: 1 } }],
    });
    await json('verify --repair');
    expect(await json('flip everyone')).toMatchObject({
      outcome: 'moved',
      cohorts: [{ stage: 'baking', authority: 'local-first' }],
    });
  });

  it('rollback: the status of what went back', async () => {
    expect(await json('rollback everyone --reason tried')).toMatchObject({
      outcome: 'moved',
      cohorts: [{ stage: 'rolled-back', authority: 'legacy' }],
    });
  });

  it('quarantine list, quarantine retry, journal show, journal verify', async () => {
    expect(await json('quarantine list')).toEqual({ documents: [] });
    expect(await json('quarantine retry')).toEqual({ tried: 0, released: 0 });
    expect(await json('journal show everyone')).toMatchObject({
      entries: expect.arrayContaining([
        expect.objectContaining({ at: TIME, cohort: 'everyone', kind: 'rolled-back', reason: 'tried' }),
      ]),
    });
    expect(await json('journal verify')).toMatchObject({ broken: null, entries: expect.any(Number) });
  });

  it('conflicts list, and recover without an option: facts, and no content', async () => {
    expect(await json('conflicts list')).toEqual({
      conflicts: [],
      counts: { open: { needsReview: 0, quarantine: 0, notice: 0 }, resolved: 0 },
    });
    expect(await json('conflicts show 1', 2)).toMatchObject(ERROR);
    const { rows } = await scenario.database.pool.query(
      `select id from public.documents order by id limit 1`,
    );
    const report = await json<KeptReport>(`recover ${rows[0].id}`);
    expect(report).toMatchObject({ document: rows[0].id, deletedAt: null, conflicts: [] });
    expect(report.kept.at(-1)).toMatchObject({ key: 'u1', at: TIME, origin: 'seed', kind: 'document' });
    expect(JSON.stringify(report)).not.toContain('again');
    expect(await json(`recover ${rows[0].id} --kept u1`)).toMatchObject({
      document: rows[0].id,
      form: 'content',
      text: expect.stringContaining('"type":"doc"'),
      at: TIME,
    });
  });

  it('diff: facts, and no content', async () => {
    const { rows } = await scenario.database.pool.query(
      `select id from public.documents order by id limit 1`,
    );
    const report = await json<{ document: string }>(`diff ${rows[0].id}`);
    expect(report).toMatchObject({ document: rows[0].id, equal: true, differences: [] });
    expect(JSON.stringify(report)).not.toContain('again');
  });
});
