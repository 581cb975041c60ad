import { describe, expect, it } from 'vitest';
import { backfill, type Progress } from '../../src/backfill/backfill.ts';
import { missingPage } from '../../src/documents/coverage.ts';
import { HeldError } from '../../src/errors.ts';
import { expectNothingLostOrDoubled } from './independent.ts';
import { COHORT, openSchool, type School, writeDocuments } from './school.ts';

/** A signal that fires when so many documents are copied, and the reason it gives. */
function stoppingAt(done: number): {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
  reason: Error;
} {
  const stop = new AbortController();
  const reason = new Error('SIGINT');
  const onProgress = (progress: Progress): void => {
    if (progress.done >= done) stop.abort(reason);
  };
  return { signal: stop.signal, onProgress, reason };
}

/** What must not change when a backfill starts again: which transaction wrote what. */
const written = async ({ pool }: School): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await pool.query<{ id: string; xmin: string }>(
    'select id, xmin::text as xmin from local_first.documents',
  );
  return new Map(rows.map(({ id, xmin }) => [id, xmin]));
};

const openAndDone = async ({ pool }: School): Promise<{ open: number; done: number }> => {
  const { rows } = await pool.query<{ open: number; done: number }>(
    `select count(*) filter (where done_at is null)::int as open,
            count(*) filter (where done_at is not null)::int as done from dualpath.chunks`,
  );
  return rows[0] ?? { open: -1, done: -1 };
};

describe('a backfill', () => {
  it('copies every document of the cohort, and says how far it is', async () => {
    const { pool, stores, fence } = await openSchool(2_500);
    const seen: Progress[] = [];
    const result = await backfill(pool, stores, fence, { onProgress: (progress) => seen.push(progress) });
    expect(result).toEqual({ seeded: 2_500, quarantined: 0, remaining: 0 });
    expect(await missingPage(pool, stores, COHORT, null, 10)).toEqual([]);
    await expectNothingLostOrDoubled(pool);
    expect(seen.at(0)).toMatchObject({ done: 0, total: 2_500, etaSeconds: null });
    expect(seen.at(-1)).toMatchObject({
      done: 2_500,
      total: 2_500,
      seeded: 2_500,
      quarantined: 0,
      etaSeconds: 0,
    });
    expect(seen.some(({ perSecond, etaSeconds }) => perSecond > 0 && etaSeconds !== null)).toBe(true);
  });

  it('of a cohort without documents is done at once', async () => {
    const { pool, stores, fence } = await openSchool();
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 0, quarantined: 0, remaining: 0 });
  });

  it('started again seeds nothing again, only what is new', async () => {
    const school = await openSchool(300);
    const { pool, stores, fence } = school;
    await backfill(pool, stores, fence);
    const before = await written(school);
    await writeDocuments(pool, 50, 301);
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 50, quarantined: 0, remaining: 0 });
    const after = await written(school);
    for (const [id, xmin] of before) expect({ id, xmin: after.get(id) }).toEqual({ id, xmin });
    await expectNothingLostOrDoubled(pool);
  });

  it('that is interrupted finishes the page in hand, and goes on with the open chunks', async () => {
    const school = await openSchool(4_500);
    const { pool, stores, fence } = school;
    const { reason, ...interruption } = stoppingAt(2_100);
    await expect(backfill(pool, stores, fence, { ...interruption, concurrency: 1 })).rejects.toBe(reason);
    const before = await written(school);
    const { open, done } = await openAndDone(school);
    expect(before.size).toBeLessThan(4_500);
    expect(open).toBeGreaterThan(0);
    expect(done).toBeGreaterThan(0);

    const seen: Progress[] = [];
    const result = await backfill(pool, stores, fence, { onProgress: (progress) => seen.push(progress) });
    expect(result).toEqual({ seeded: 4_500, quarantined: 0, remaining: 0 });
    expect(seen.at(0)?.done).toBe(before.size);
    const after = await written(school);
    for (const [id, xmin] of before) expect({ id, xmin: after.get(id) }).toEqual({ id, xmin });
    expect(await openAndDone(school)).toEqual({ open: 0, done: open + done });
    await expectNothingLostOrDoubled(pool);
  });

  it('quarantines what cannot be kept, with its reason, and goes on with the rest', async () => {
    const { pool, stores, fence } = await openSchool(400);
    await pool.query(`insert into public.documents (id, owner_id, content) values
      ('not a document', 'u-1', '"just a text"'), ('unstorable', 'u-1', '{"type":"doc","content":[]}')`);
    await pool.query(`alter table local_first.documents add check (id <> 'unstorable')`);
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 400, quarantined: 2, remaining: 0 });
    const { rows } = await pool.query(
      'select document_id, cohort, code, reason from dualpath.quarantine order by 1',
    );
    expect(rows).toMatchObject([
      { document_id: 'not a document', cohort: COHORT },
      {
        document_id: 'unstorable',
        code: 'not-stored',
        reason: 'The database refuses to store it (SQLSTATE 23514).',
      },
    ]);
    expect(rows[0].reason).not.toContain('just a text');
    await expectNothingLostOrDoubled(pool, ['not a document', 'unstorable']);
  });

  it('tries a quarantined document again once its row has changed', async () => {
    const { pool, stores, fence } = await openSchool(3);
    await pool.query(`insert into public.documents (id, owner_id, content) values ('d', 'u-1', '"text"')`);
    await backfill(pool, stores, fence);
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 0, quarantined: 0, remaining: 0 });
    await pool.query(`update public.documents set content = (select content from public.documents where id <> 'd' limit 1)
                       where id = 'd'`);
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 1, quarantined: 0, remaining: 0 });
    expect((await pool.query('select from dualpath.quarantine')).rowCount).toBe(0);
    await expectNothingLostOrDoubled(pool);
  });

  it('passes over a row that somebody keeps locked, and names the process when only that is left', async () => {
    const { pool, stores, fence } = await openSchool(500);
    const writer = await pool.connect();
    const { rows } = await writer.query<{ pid: number; id: string }>(
      `select pg_backend_pid() as pid, id from public.documents order by id offset 250 limit 1`,
    );
    const { pid, id } = rows[0] ?? { pid: 0, id: '' };
    await writer.query('begin');
    await writer.query('select from public.documents where id = $1 for update', [id]);
    const error = await backfill(pool, stores, fence).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HeldError);
    expect(error).toMatchObject({
      code: 'locked',
      exitCode: 5,
      remedy: expect.stringContaining(`select pg_terminate_backend(${pid})`),
      details: { pids: [pid], documents: [id] },
    });
    expect((error as HeldError).message).toContain(`process ${pid}`);
    expect((await pool.query('select from dualpath.documents')).rowCount).toBe(499);

    await writer.query('commit');
    writer.release();
    expect((await backfill(pool, stores, fence)).remaining).toBe(0);
    await expectNothingLostOrDoubled(pool);
  });

  it('shares the work with a second one that was started on the same cohort', async () => {
    const { pool, stores, fence } = await openSchool(2_500);
    const both = await Promise.all([
      backfill(pool, stores, fence, { concurrency: 2 }),
      backfill(pool, stores, fence, { concurrency: 2 }),
    ]);
    expect(both.map(({ remaining }) => remaining)).toEqual([0, 0]);
    expect((await pool.query('select sum(seeded)::int as seeded from dualpath.chunks')).rows).toEqual([
      { seeded: 2_500 },
    ]);
    await expectNothingLostOrDoubled(pool);
  });

  it('copies a document of fifteen megabytes among small ones', async () => {
    const { pool, stores, fence } = await openSchool(50);
    await pool.query(
      `insert into public.documents (id, owner_id, content)
       select 'large', 'u-1', jsonb_build_object('type', 'doc', 'content', jsonb_agg(jsonb_build_object('type', 'paragraph',
                'content', jsonb_build_array(jsonb_build_object('type', 'text', 'text',
                  (select string_agg(md5(n::text || w), ' ') from generate_series(1, 30) w))))))
         from generate_series(1, 15000) n`,
    );
    const { rows } = await pool.query(
      `select octet_length(content::text) > 15e6 as large from public.documents where id = 'large'`,
    );
    expect(rows).toEqual([{ large: true }]);
    expect(await backfill(pool, stores, fence)).toEqual({ seeded: 51, quarantined: 0, remaining: 0 });
    await expectNothingLostOrDoubled(pool);
  });
});

describe('the holder of a backfill', () => {
  it('who was taken over writes nothing more', async () => {
    const { pool, stores, fence } = await openSchool(2_500);
    let atTakeover: number | null = null;
    const takeOver = async (): Promise<void> => {
      await pool.query(`update dualpath.cohorts set lease_token = lease_token + 1`);
      atTakeover = (await pool.query('select from dualpath.updates')).rowCount;
    };
    let takeover: Promise<void> | undefined;
    const onProgress = ({ done }: Progress): void => {
      if (done >= 400) takeover ??= takeOver();
    };
    await expect(backfill(pool, stores, fence, { onProgress })).rejects.toMatchObject({
      code: 'fenced',
      exitCode: 5,
    });
    await takeover;
    expect((await pool.query('select from dualpath.updates')).rowCount).toBe(atTakeover);

    await backfill(pool, stores, { ...fence, token: '2' });
    await expectNothingLostOrDoubled(pool);
  });

  /** More than a fast machine copies before a pause has reached it. */
  const MANY = 5_000;

  it('stops between two pages when the cohort is paused, and goes on after it is resumed', async () => {
    const { pool, stores, fence } = await openSchool(MANY);
    let pausing: Promise<unknown> | undefined;
    const onProgress = ({ done }: Progress): void => {
      if (done >= 400) pausing ??= pool.query(`update dualpath.cohorts set status = 'paused'`);
    };
    await expect(backfill(pool, stores, fence, { onProgress })).rejects.toMatchObject({
      code: 'paused',
      exitCode: 5,
    });
    await pausing;
    const copied = (await pool.query('select from dualpath.documents')).rowCount ?? 0;
    expect(copied).toBeLessThan(MANY);
    await expect(backfill(pool, stores, fence)).rejects.toMatchObject({ code: 'paused' });
    expect((await pool.query('select from dualpath.documents')).rowCount).toBe(copied);

    await pool.query(`update dualpath.cohorts set status = 'running'`);
    expect((await backfill(pool, stores, fence)).remaining).toBe(0);
    await expectNothingLostOrDoubled(pool);
  });
});
