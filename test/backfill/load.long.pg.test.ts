import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { backfill, type Progress } from '../../src/backfill/backfill.ts';
import { readLoad } from '../../src/backfill/load.ts';
import { freshDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';
import { openSchool, type School } from './school.ts';

/** The application's own sessions, each busy with a query that would take hours. */
async function startForeignLoad({ database }: School, sessions: number): Promise<() => Promise<void>> {
  const clients = Array.from(
    { length: sessions },
    () => new pg.Client({ connectionString: database.url, application_name: 'editor' }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  let running = sessions;
  for (const client of clients) {
    const ended = (): void => {
      running -= 1;
    };
    client
      .query(
        'select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 1000) c',
      )
      .then(ended, ended);
  }
  return async () => {
    // One that has not begun yet is not cancelled, so until none is left.
    while (running > 0) {
      await database.pool.query(
        `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'editor' and datname = $1`,
        [database.name],
      );
      await sleep(50);
    }
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  };
}

describe('load on the database', () => {
  it('makes a backfill give way while others need it, and go on at full speed when they do not', {
    timeout: 180_000,
  }, async () => {
    const school = await openSchool(40_000);
    const done = new AbortController();
    const seen: Progress[] = [];
    let load: Promise<() => Promise<void>> | undefined;
    let relief: Promise<void> | undefined;
    const onProgress = (progress: Progress): void => {
      seen.push(progress);
      if (!load && progress.seeded > 0) load = startForeignLoad(school, 24);
      if (load && !relief && progress.rate <= 1 / 2) relief = load.then((stop) => stop());
      if (relief && progress.rate === 1) done.abort('recovered');
    };
    await expect(
      backfill(school.pool, school.stores, school.fence, { onProgress, signal: done.signal }),
    ).rejects.toBe('recovered');
    await relief;
    const rates = seen.map(({ rate }) => rate);
    expect(rates[0]).toBe(1);
    expect(Math.min(...rates)).toBeLessThanOrEqual(1 / 2);
    expect(rates.at(-1)).toBe(1);
    const reasons = new Set(seen.filter(({ rate }) => rate < 1).map(({ throttled }) => throttled));
    expect([...reasons].some((reason) => /^active statements \d+ > 20$/.test(reason ?? ''))).toBe(true);
    expect(seen.every(({ rate, throttled }) => (rate === 1) === (throttled === null))).toBe(true);
  });

  it('that our role may not see is unseen, never none', async () => {
    const database = await freshDatabase();
    const foreign = new pg.Client({ connectionString: database.url, application_name: 'editor' });
    await foreign.connect();
    const role = await createRole(database);
    expect(await readLoad(role.pool)).toMatchObject({ active: null, waiting: null });
    const monitor = await createRole(database, ['pg_monitor']);
    const seen = await readLoad(monitor.pool);
    expect(seen).toMatchObject({ active: expect.any(Number), lagMs: 0, connections: 200 });
    expect(seen.answerMs).toBeGreaterThan(0);
    await foreign.end();
  });

  it('counts sessions that wait for a lock', async () => {
    const { database, pool } = await openSchool(1);
    const holder = await pool.connect();
    await holder.query('begin');
    await holder.query('select from public.documents for update');
    const waiter = new pg.Client({ connectionString: database.url, application_name: 'editor' });
    await waiter.connect();
    const waits = waiter.query('update public.documents set revision = revision + 1');
    await expect
      .poll(async () => (await readLoad(pool)).waiting, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(1);
    await holder.query('commit');
    holder.release();
    await waits;
    await waiter.end();
  });
});
