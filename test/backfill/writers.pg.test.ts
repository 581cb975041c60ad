import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { backfill } from '../../src/backfill/backfill.ts';
import { coverage } from '../../src/documents/coverage.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { expectNothingLostOrDoubled } from './independent.ts';
import { COHORT, openSchool, type School, writeDocuments } from './school.ts';

/** The application, which knows nothing of dualpath: it edits, creates and deletes by plain SQL until told to stop. */
async function write({ pool }: School, stop: AbortSignal): Promise<number> {
  let writes = 0;
  while (!stop.aborted) {
    writes++;
    await pool.query(
      `update public.documents set revision = revision + 1, updated_at = now(),
              content = jsonb_set(content, '{content,1,content,0,text}', to_jsonb('edit ' || $1::int))
        where id in (select id from public.documents where content->'content'->1 is not null order by random() limit 5)`,
      [writes],
    );
    await writeDocuments(pool, 2, 1_000_000 + 2 * writes);
    if (writes % 3 === 0) {
      await pool.query('delete from public.documents where id = (select max(id) from public.documents)');
    }
    await sleep(5);
  }
  return writes;
}

describe('an application that writes by plain SQL during the backfill', () => {
  it('finds both stores equal after the catch-up', async () => {
    const school = await openSchool(4_000);
    const { pool, stores, fence } = school;
    const stop = new AbortController();
    const writing = write(school, stop.signal);
    const { remaining } = await backfill(pool, stores, fence);
    stop.abort();
    expect(await writing).toBeGreaterThan(5);
    expect(remaining).toBe(0);
    await catchUp(pool, stores);
    expect(await coverage(pool, stores, COHORT)).toMatchObject({ missing: 0, moving: 0 });
    await expectLiveEqual(school);
  });

  it('that keeps one document hot does not keep it from being copied', async () => {
    const school = await openSchool(10);
    const { pool, stores, fence } = school;
    const stop = new AbortController();
    const hot = (async () => {
      while (!stop.signal.aborted) await pool.query('update public.documents set revision = revision + 1');
    })();
    expect((await backfill(pool, stores, fence)).remaining).toBe(0);
    stop.abort();
    await hot;
    await catchUp(pool, stores);
    await expectNothingLostOrDoubled(pool);
  });
});

/** As expectNothingLostOrDoubled, without the states that deleted documents leave behind. */
async function expectLiveEqual({ pool }: School): Promise<void> {
  await pool.query(`delete from local_first.documents s
    where exists (select from dualpath.documents d where d.id = s.id and d.deleted_at is not null)`);
  await expectNothingLostOrDoubled(pool);
}
