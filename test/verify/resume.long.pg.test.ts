import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/verify/verify.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { CONFIG, type School } from '../backfill/school.ts';
import { COHORT, documentIds, openSoaking, plantState, verifyOne } from './school.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));

interface Told {
  readonly compared?: number;
  readonly result?: VerifyResult;
  readonly residentMb?: number;
}

/** Runs a verification in a process of its own; `onLine` may kill it. Gives what it told last. */
function inProcess(
  school: School,
  options: { readonly heapMb?: number; readonly onLine?: (told: Told, kill: () => void) => void } = {},
): Promise<Told> {
  const heap = options.heapMb ? [`--max-old-space-size=${options.heapMb}`] : [];
  const child = spawn(process.execPath, [...heap, RUNNER, DIST], {
    env: {
      ...process.env,
      VERIFY: JSON.stringify({ url: school.database.url, config: CONFIG, cohort: COHORT }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last: Told = {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = JSON.parse(line) as Told;
    options.onLine?.(last, () => child.kill('SIGKILL'));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(last));
  });
}

const runs = async ({ pool }: School) =>
  (
    await pool.query<{ compared: string; drift: string; finished: boolean }>(
      `select compared, drift, finished_at is not null as finished from dualpath.verifications order by id`,
    )
  ).rows;

describe('a full verification that is interrupted', () => {
  it('goes on where it was killed, and counts no document twice', async () => {
    const school = await openSoaking(2_600);
    const ids = await documentIds(school.pool);
    for (const index of [3, 1_300, 2_550])
      await plantState(school.pool, ids[index] ?? '', Buffer.from('garbage'));
    let killed = false;
    await inProcess(school, {
      onLine: ({ compared = 0 }, kill) => {
        if (compared < 1_000 || killed) return;
        killed = true;
        kill();
      },
    });
    const [interrupted] = await runs(school);
    expect(interrupted).toMatchObject({ finished: false });
    expect(Number(interrupted?.compared)).toBeGreaterThanOrEqual(1_000);

    const result = await verifyOne(school);
    expect(result).toMatchObject({ compared: 2_600, matched: 2_597, driftTotal: 3 });
    expect(await runs(school)).toEqual([{ compared: '2600', drift: '3', finished: true }]);
  });

  it('starts afresh when the interrupted one is older than its reader would believe', async () => {
    const school = await openSoaking(3);
    await school.pool.query(
      `insert into dualpath.verifications (cohort, scope, cursor, compared, started_at)
       values ($1, 'full', '{"part":"orphans","after":null}', 99, now() - interval '2 hours')`,
      [COHORT],
    );
    expect(await verifyOne(school)).toMatchObject({ compared: 3, matched: 3 });
  });

  it('is shared by two programs that continue it at once', async () => {
    const school = await openSoaking(1_200);
    const results = await Promise.all([verifyOne(school), verifyOne(school), verifyOne(school)]);
    const last = results.at(-1);
    expect(last?.compared).toBe(1_200);
    for (const { finished, compared } of await runs(school))
      expect({ finished, compared }).toEqual({ finished: true, compared: '1200' });
  });

  it('stops between two pages when it is told to, and is whole afterwards', async () => {
    const school = await openSoaking(1_200);
    const stop = new AbortController();
    await expect(
      verifyOne(school, { signal: stop.signal, onProgress: () => stop.abort(new Error('stopped')) }),
    ).rejects.toThrow('stopped');
    expect(await runs(school)).toMatchObject([{ finished: false, compared: '500' }]);
    expect(await verifyOne(school)).toMatchObject({ compared: 1_200, matched: 1_200 });
  });
});

describe('memory', () => {
  it('does not grow with the number of documents: 10,000 pass in a heap of 64 MB', async () => {
    const school = await openSoaking(10_000);
    const { result } = await inProcess(school, { heapMb: 64 });
    expect(result).toMatchObject({ compared: 10_000, matched: 10_000 });
  }, 300_000);

  it('is bounded by bytes where documents are large: 24 of a megabyte that compress well pass in one of 96 MB', async () => {
    const school = await openSoaking(0);
    await school.pool.query(
      `insert into public.documents (id, owner_id, content)
       select 'large-' || n, 'u-1', jsonb_build_object('type', 'doc', 'content', (
         select jsonb_agg(jsonb_build_object('type', 'paragraph', 'content', jsonb_build_array(
           jsonb_build_object('type', 'text', 'text', repeat(md5((n * 1000 + p)::text), 60)))))
           from generate_series(1, 500) p))
         from generate_series(1, 24) n`,
    );
    await catchUp(school.pool, school.stores);
    const { result } = await inProcess(school, { heapMb: 96 });
    expect(result).toMatchObject({ compared: 24, matched: 24 });
  }, 300_000);
});
