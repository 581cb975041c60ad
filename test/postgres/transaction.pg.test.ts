import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import { inTransaction, withLockRetries } from '../../src/postgres/transaction.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await freshDatabase({ migrated: false });
  pool = database.pool;
  await pool.query('create table public.notes (id int primary key)');
});

afterEach(() => database.drop());

async function notes(): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>('select id from public.notes order by id');
  return rows.map(({ id }) => id);
}

const insert = (id: number) => (tx: Queryable) => tx.query('insert into public.notes values ($1::int)', [id]);

describe('a transaction', () => {
  it('is saved when the work returns, and gives back what it returned', async () => {
    const count = await inTransaction(pool, async (tx) => (await insert(1)(tx)).rowCount);
    expect(count).toBe(1);
    expect(await notes()).toEqual([1]);
  });

  it('leaves nothing when the work throws', async () => {
    const work = inTransaction(pool, async (tx) => {
      await insert(1)(tx);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await notes()).toEqual([]);
  });

  it('does not pass for saved when a failed statement was swallowed', async () => {
    const work = inTransaction(pool, async (tx) => {
      await insert(1)(tx);
      await insert(1)(tx).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('the transaction had failed');
    expect(await notes()).toEqual([]);
  });

  it('sets nothing that outlives it', async () => {
    const one = openPool(database.url, { max: 1 });
    const show = async (db: Queryable) =>
      (await db.query<{ lock_timeout: string }>('show lock_timeout')).rows[0];
    expect(await inTransaction(one, show, { lockTimeoutMs: 250 })).toEqual({ lock_timeout: '250ms' });
    expect(await show(one)).toEqual({ lock_timeout: '0' });
    await one.end();
  });

  it('sees one state of the database all along, when asked to', async () => {
    await inTransaction(
      pool,
      async (tx) => {
        await tx.query('select 1 from public.notes');
        await pool.query('insert into public.notes values (7)');
        expect((await tx.query('select id from public.notes')).rows).toEqual([]);
      },
      { isolation: 'repeatable read' },
    );
  });

  it('that loses its connection fails alone: the pool goes on with a new one', async () => {
    const one = openPool(database.url, { max: 1 });
    const work = inTransaction(one, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await insert(1)(tx);
      await pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      await gone(rows[0]?.pid);
      await insert(2)(tx);
    });
    await expect(work).rejects.toThrow();
    await inTransaction(one, insert(3));
    expect(await notes()).toEqual([3]);
    await one.end();
  });

  it('whose connection is lost while it commits is not known to be saved, and says so', async () => {
    const work = inTransaction(pool, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await insert(1)(tx);
      await database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      await gone(rows[0]?.pid);
    });
    await expect(work).rejects.toMatchObject({ code: 'commit-unknown', exitCode: 6 });
  });

  it('works through a pooler that gives every transaction another connection', async () => {
    const pooler = await startPooler(database.url, { connections: 1 });
    const through = openPool(pooler.url, { max: 4 });
    const pids = await Promise.all(
      [1, 2, 3, 4].map((id) =>
        inTransaction(through, async (tx) => {
          await insert(id)(tx);
          await sleep(5);
          return (await tx.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
        }),
      ),
    );
    expect(new Set(pids).size).toBe(1);
    expect(await notes()).toEqual([1, 2, 3, 4]);
    expect(pooler.transactions()).toBe(4);
    await through.end();
    await pooler.close();
  });

  async function gone(pid: number | undefined): Promise<void> {
    for (;;) {
      const { rows } = await pool.query('select from pg_stat_activity where pid = $1::int', [pid]);
      if (rows.length === 0) return;
      await sleep(5);
    }
  }
});

describe('a change of a table that others use', () => {
  const addColumn = (tx: Queryable) => tx.query('alter table public.notes add column added int');

  it('waits its turn without holding up other writers', async () => {
    const reader = await pool.connect();
    await reader.query('begin; select * from public.notes');
    const waits: unknown[] = [];
    const change = withLockRetries(pool, addColumn, { onWait: (holders) => waits.push(holders) });

    // A writer who gives up after a second: it must never have to, however often the change comes back.
    const writer = openPool(database.url, { max: 1 });
    let written = 0;
    while (waits.length < 3) {
      written += 1;
      await inTransaction(writer, insert(written), { lockTimeoutMs: 1_000 });
    }
    await reader.query('commit');
    reader.release();
    await change;
    await writer.end();

    expect(written).toBeGreaterThan(0);
    expect((await notes()).length).toBe(written);
    const { rows } = await pool.query(
      "select from pg_attribute where attrelid = 'public.notes'::regclass and attname = 'added'",
    );
    expect(rows).toHaveLength(1);
  });

  it('gives up when its time is over, and names who is in the way', async () => {
    const holder = openPool(database.url, { max: 1, applicationName: 'nightly-report' });
    const client = await holder.connect();
    await client.query('begin; select * from public.notes');
    const pid = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
    const change = withLockRetries(pool, addColumn, { deadlineMs: 1 });
    await expect(change).rejects.toMatchObject({
      code: 'table-locked',
      exitCode: 5,
      message: expect.stringContaining(`${pid} (nightly-report)`),
    });
    await client.query('rollback');
    client.release();
    await holder.end();
  });

  it('does not stay in the way when it is slow itself', async () => {
    const slow = (tx: Queryable) => tx.query('lock table public.notes; select pg_sleep(60)');
    await expect(withLockRetries(pool, slow, { deadlineMs: 1 })).rejects.toMatchObject({
      code: 'table-locked',
    });
  });

  it('fails at once for any other reason', async () => {
    const wrong = (tx: Queryable) => tx.query('alter table public.notes add column id int');
    await expect(withLockRetries(pool, wrong)).rejects.toMatchObject({ code: '42701' });
  });

  it('works in a pool of one connection', async () => {
    const one = openPool(database.url, { max: 1 });
    await withLockRetries(one, addColumn);
    await one.end();
  });
});
