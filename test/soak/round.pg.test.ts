import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wantedStrategies } from '../../src/core/flag-plan.ts';
import { openFlags } from '../../src/flags/open.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { judgeCohort } from '../../src/soak/judge-cohort.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import type { School } from '../backfill/school.ts';
import { flagConfig } from '../support/flag-config.ts';
import { createRole } from '../support/roles.ts';
import { COHORT, documentIds, openSoaking, plantState, save, stateOf, verifyOne } from '../verify/school.ts';
import { gateOf, roundOf, SOAK_CONFIG, soakingFlags } from './soaking.ts';

const DOCUMENTS = 20;

describe('a round', () => {
  let school: School;
  let ids: readonly string[];
  beforeEach(async () => {
    school = await openSoaking(DOCUMENTS, SOAK_CONFIG);
    ids = await documentIds(school.pool);
    await verifyOne(school);
  });
  const id = (index: number): string => ids[index] ?? '';
  const clock = async (): Promise<Date> =>
    (await school.pool.query<{ since: Date }>('select window_since as since from dualpath.cohorts')).rows[0]
      ?.since ?? new Date(0);

  it('looks at a sample where nothing changed; seeds are no observations', async () => {
    const result = await roundOf(school);
    expect(result.round).toMatchObject({
      compared: DOCUMENTS,
      sampled: DOCUMENTS,
      observations: 0,
      mismatches: 0,
    });
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      observations: 0,
      mismatches: 0,
      upperBound: null,
    });
    expect(gateOf(result, 'verification').verdict).toBe('pass');
    expect(gateOf(result, 'coverage').verdict).toBe('pass');
    expect(gateOf(result, 'flag-parity').verdict).toBe('inconclusive');
  });

  it('counts one observation a dual-written document and revision; looking again is none', async () => {
    for (const index of [0, 1, 2]) await save(school.pool, id(index), `save ${index}`);
    expect(await roundOf(school)).toMatchObject({ observations: 3, mismatches: 0 });
    expect((await roundOf(school)).round.observations).toBe(0);
    await verifyOne(school);
    expect((await roundOf(school)).round.observations).toBe(0);

    await save(school.pool, id(0), 'first of two saves');
    await catchUp(school.pool, school.stores);
    await save(school.pool, id(0), 'second of two saves');
    const result = await roundOf(school);
    expect(result.round.observations).toBe(1);
    expect(result).toMatchObject({ observations: 4, mismatches: 0 });
    expect(gateOf(result, 'observations').verdict).toBe('pass');
  });

  it('counts a save that was verified before the round looked', async () => {
    await save(school.pool, id(0), 'verified first');
    await verifyOne(school);
    expect((await roundOf(school)).round.observations).toBe(1);
  });

  it('fails on a fault planted in the local-first side, and its clock starts again', async () => {
    for (const index of [0, 1, 2]) await save(school.pool, id(index), `save ${index}`);
    expect(await roundOf(school)).toMatchObject({ observations: 3 });
    const before = await clock();
    await plantState(school.pool, id(5), await stateOf(school.pool, id(6)));
    const failed = await roundOf(school);
    expect(failed.verdict).toBe('fail');
    expect(gateOf(failed, 'verification')).toMatchObject({ verdict: 'fail', observed: 1 });
    expect((await clock()).getTime()).toBeGreaterThan(before.getTime());

    await verifyOne(school, { repair: true });
    const result = await roundOf(school);
    expect(gateOf(result, 'verification').verdict).toBe('pass');
    expect(result).toMatchObject({ observations: 0, mismatches: 0 });
  });

  it('counts a dual-written revision whose sides differ as a mismatch, once', async () => {
    await save(school.pool, id(3), 'about to be damaged');
    await catchUp(school.pool, school.stores);
    await plantState(school.pool, id(3), Buffer.from('garbage'));
    const result = await roundOf(school);
    expect(result.round).toMatchObject({ observations: 1, mismatches: 1 });
    expect(result).toMatchObject({ verdict: 'fail', observations: 1, mismatches: 1, upperBound: 1 });
    expect((await roundOf(school)).round).toMatchObject({ observations: 0, mismatches: 0 });
  });

  it('samples by its seed, and records it', async () => {
    await roundOf(school, { sampleSeed: 7 });
    const { rows } = await school.pool.query('select sample_seed, sampled::int from dualpath.rounds');
    expect(rows).toEqual([{ sample_seed: '7', sampled: DOCUMENTS }]);
  });

  it('seeds members that capture never saw, and counts as missing only what it could not seed', async () => {
    await inTransaction(school.pool, async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(
        `insert into public.documents (id, owner_id, content) values ('unseen', 'u-1', '{"type":"doc","content":[]}')`,
      );
    });
    expect(gateOf(await roundOf(school), 'coverage')).toMatchObject({ verdict: 'pass', observed: 0 });
    expect(await documentIds(school.pool)).toContain('unseen');
    await stateOf(school.pool, 'unseen');
  });

  it('does not pass while somebody keeps a document locked, and says who', async () => {
    const other = await school.pool.connect();
    await save(school.pool, id(4), 'saved before the lock');
    await other.query('begin');
    const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
    await other.query('select from public.documents where id = $1 for update', [id(4)]);
    const result = await roundOf(school);
    await other.query('rollback');
    other.release();
    expect(gateOf(result, 'verification').verdict).toBe('inconclusive');
    expect(gateOf(result, 'verification').because).toContain(`process ${rows[0]?.pid}`);
    expect(gateOf(await roundOf(school), 'verification').verdict).toBe('pass');
  });

  it('asks the flags for users of the sample and their neighbours', async () => {
    const flags = await soakingFlags(school);
    const right = await roundOf(school, { flags });
    expect(gateOf(right, 'flag-parity')).toMatchObject({ verdict: 'pass', observed: 0 });
    expect(right.round.parity?.checked).toBe(10);
    await flags.apply('default', wantedStrategies(school.stores.config.cohorts, new Set([COHORT])));
    const wrong = await roundOf(school, { flags });
    expect(gateOf(wrong, 'flag-parity')).toMatchObject({ verdict: 'fail', observed: 10 });
    expect(wrong.round.parity?.examples[0]).toMatchObject({
      role: 'default',
      implied: false,
      answered: true,
    });
  });

  it('keeps what it compared when the flag server does not answer, and does not pass', async () => {
    await save(school.pool, id(0), 'compared all the same');
    const flags = openFlags(flagConfig(), { timeoutMs: 500 });
    const result = await roundOf(school, { flags });
    await flags.close();
    expect(gateOf(result, 'flag-parity').verdict).toBe('error');
    expect(result).toMatchObject({ verdict: 'error', observations: 1 });
  });

  it('of a paused cohort compares and counts, while its clock stands still', async () => {
    await school.pool.query(
      `update dualpath.cohorts set status = 'paused', paused_since = clock_timestamp(),
              window_since = clock_timestamp() - interval '50 minutes 0.9 seconds'`,
    );
    await school.pool.query(
      `update dualpath.cohorts set paused_since = clock_timestamp() - interval '40 minutes'`,
    );
    await save(school.pool, id(0), 'saved during the pause');
    const result = await roundOf(school);
    expect(result.observations).toBe(1);
    expect(gateOf(result, 'duration')).toMatchObject({ verdict: 'inconclusive', observed: '10m' });
  });

  it('that died is no round that passed, and what it counted stays counted', async () => {
    await roundOf(school);
    const gates = await judgeCohort(school.pool, school.stores, COHORT);
    await save(school.pool, id(0), 'observed by a round that dies');
    const stop = new AbortController();
    const dying = {
      evaluate: () => Promise.reject(new Error('killed')),
    } as unknown as NonNullable<Parameters<typeof roundOf>[1]>['flags'];
    await expect(roundOf(school, { flags: dying ?? null, signal: stop.signal })).rejects.toThrow('killed');
    const { rows } = await school.pool.query(
      'select verdict, gates from dualpath.rounds order by id desc limit 1',
    );
    expect(rows).toEqual([{ verdict: 'error', gates: [] }]);
    const after = await judgeCohort(school.pool, school.stores, COHORT);
    expect(after.map(({ gate, verdict }) => ({ gate, verdict }))).toEqual(
      gates.map(({ gate, verdict }) => ({ gate, verdict })),
    );
    expect(await roundOf(school)).toMatchObject({ observations: 1 });
  });

  it('is recorded with its gates, and judged again the same from what it recorded', async () => {
    const flags = await soakingFlags(school);
    for (const index of [0, 1, 2]) await save(school.pool, id(index), `save ${index}`);
    const result = await roundOf(school, { flags });
    const again = await judgeCohort(school.pool, school.stores, COHORT);
    expect(again.map(({ gate, verdict, since }) => ({ gate, verdict, since }))).toEqual(
      result.gates.map(({ gate, verdict, since }) => ({ gate, verdict, since })),
    );
  });

  it('is refused to a cohort that does not soak', async () => {
    await school.pool.query(`update dualpath.cohorts set stage = 'backfilling'`);
    await expect(roundOf(school)).rejects.toMatchObject({ code: 'not-soaking', exitCode: 5 });
  });

  it('changes no flag, stage, authority or lease', async () => {
    const look = async () =>
      (
        await school.pool.query(
          `select c.stage, c.status, c.revision, c.lease_token, c.lease_holder, c.lease_until,
                  (select count(*)::int from dualpath.documents where authority = 'legacy') as legacy
             from dualpath.cohorts c`,
        )
      ).rows;
    const before = await look();
    await plantState(school.pool, id(0), Buffer.from('garbage'));
    await roundOf(school, { flags: await soakingFlags(school) });
    expect(await look()).toEqual(before);
  });

  it('can be run by a login that may only observe', async () => {
    const { pool } = await createRole(school.database, ['dualpath_observer']);
    await save(school.pool, id(0), 'waits for somebody who may take it in');
    const result = await roundOf({ pool, stores: school.stores }, { flags: await soakingFlags(school) });
    expect(result.verdict).toBe('inconclusive');
    expect(gateOf(result, 'verification').verdict).toBe('pass');
    await plantState(school.pool, id(1), Buffer.from('garbage'));
    expect(await roundOf({ pool, stores: school.stores })).toMatchObject({ verdict: 'fail' });
  });
});

describe('rounds of one cohort at once', () => {
  let school: School;
  beforeAll(async () => {
    school = await openSoaking(DOCUMENTS, SOAK_CONFIG);
  });

  it('queue, so that none counts what another counts', async () => {
    const ids = await documentIds(school.pool);
    for (const id of ids.slice(0, 5)) await save(school.pool, id, 'saved once');
    const results = await Promise.all([roundOf(school), roundOf(school), roundOf(school)]);
    expect(results.map(({ round }) => round.observations).sort()).toEqual([0, 0, 5]);
    const { rows } = await school.pool.query<{ overlapping: number }>(
      `select count(*)::int as overlapping from dualpath.rounds a join dualpath.rounds b
           on a.id < b.id and a.started_at < b.finished_at and b.started_at < a.finished_at`,
    );
    expect(rows).toEqual([{ overlapping: 0 }]);
  });
});
