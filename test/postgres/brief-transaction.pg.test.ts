import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inBriefTransaction, lastIn } from '../../src/postgres/brief-transaction.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';

let database: TestDatabase;
let one: Pool;

beforeEach(async () => {
  database = await freshDatabase({ migrated: false });
  await database.pool.query('create table public.notes (id int primary key, bytes bytea[])');
  one = openPool(database.url, { max: 1 });
});

afterEach(async () => {
  await one.end();
  await database.drop();
});

const notes = async (): Promise<number[]> => {
  const { rows } = await database.pool.query<{ id: number }>('select id from public.notes order by id');
  return rows.map(({ id }) => id);
};

const insert = (tx: Queryable, id: number) =>
  tx.query('insert into public.notes (id) values ($1::int) returning id', [id]);

const OPTIONS = { lockTimeoutMs: 250, prepares: true };
const briefly = <T>(work: (tx: Queryable) => Promise<T>, pool = one) =>
  inBriefTransaction(pool, work, OPTIONS);

describe('a brief transaction', () => {
  it('is committed when the work returns, or with its last statement', async () => {
    expect(await briefly(async (tx) => (await insert(tx, 1)).rows)).toEqual([{ id: 1 }]);
    const both = briefly(async (tx) => {
      await insert(tx, 2);
      return (await insert(lastIn(tx), 3)).rows;
    });
    expect(await both).toEqual([{ id: 3 }]);
    expect(await briefly(async (tx) => (await insert(lastIn(tx), 4)).rows)).toEqual([{ id: 4 }]);
    expect(await notes()).toEqual([1, 2, 3, 4]);
  });

  it('is all of it undone when a statement fails: the first, one in between, or the last', async () => {
    await insert(one, 1);
    await expect(briefly((tx) => insert(tx, 1))).rejects.toMatchObject({ code: '23505' });
    const between = briefly(async (tx) => {
      await insert(tx, 2);
      await insert(tx, 1);
    });
    await expect(between).rejects.toMatchObject({ code: '23505' });
    const last = briefly(async (tx) => {
      await insert(tx, 2);
      await insert(lastIn(tx), 1);
    });
    await expect(last).rejects.toMatchObject({ code: '23505' });
    const swallowed = briefly(async (tx) => {
      await insert(tx, 2);
      await insert(tx, 1).catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow('the transaction had failed');
    expect(await notes()).toEqual([1]);
  });

  it('is undone when the work throws, and the connection is good for the next', async () => {
    const work = briefly(async (tx) => {
      await insert(tx, 1);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    await briefly((tx) => insert(tx, 2));
    expect(await notes()).toEqual([2]);
  });

  it('is checked while the database is at its last statement, and undone where the check throws', async () => {
    const ahead = new pg.Pool({ connectionString: database.url, pipeline: true, max: 1 } as pg.PoolConfig);
    for (const [n, pool] of [one, ahead, withoutPg(one)].entries()) {
      const checked = (id: number, check: () => void) =>
        briefly(async (tx) => (await insert(lastIn(tx, check), id)).rows, pool);
      const fails = (): void => {
        throw new Error('it is not what it should be');
      };
      await expect(checked(2 * n, fails)).rejects.toThrow('it is not what it should be');
      expect(await checked(2 * n + 1, () => undefined)).toEqual([{ id: 2 * n + 1 }]);
      await expect(checked(2 * n + 1, () => undefined)).rejects.toMatchObject({ code: '23505' });
    }
    await ahead.end();
    expect(await notes()).toEqual([1, 3, 5]);
  });

  it('takes nothing more after its last statement', async () => {
    const work = briefly(async (tx) => {
      await insert(lastIn(tx), 1);
      await insert(tx, 2);
    });
    await expect(work).rejects.toThrow('ended with its last statement');
    expect(await notes()).toEqual([1]);
  });

  it('goes on giving a statement its name after it failed the first time that it had it', async () => {
    await insert(one, 1);
    for (let times = 0; times < 3; times += 1)
      await expect(briefly((tx) => insert(tx, 1))).rejects.toMatchObject({ code: '23505' });
    await briefly((tx) => insert(tx, 2));
    await briefly((tx) => insert(tx, 3));
    const { rows } = await one.query(`select from pg_prepared_statements where name like 'dualpath_%'`);
    expect(rows).toHaveLength(1);
  });

  it('sends what pg sends: bytes, lists, nothing at all', async () => {
    const bytes = [Buffer.from([0, 255]), new Uint8Array([1, 2])];
    const text =
      'insert into public.notes values ($1::int, $2::bytea[]) returning bytes, $3::text as nothing';
    const answer = briefly((tx) => tx.query(text, [1, bytes, null]));
    expect((await answer).rows).toEqual([{ bytes: bytes.map((each) => Buffer.from(each)), nothing: null }]);
    const unsendable = {
      toPostgres: () => {
        throw new Error('no such value');
      },
    };
    await expect(briefly((tx) => tx.query(text, [2, unsendable, null]))).rejects.toThrow('no such value');
    await briefly((tx) => insert(tx, 3));
    expect(await notes()).toEqual([1, 3]);
  });

  it('waits for no lock longer than it may, from its first statement on, and sets nothing that outlives it', async () => {
    await insert(one, 1);
    const holder = await database.pool.connect();
    await holder.query('begin; lock table public.notes in access exclusive mode');
    await expect(briefly((tx) => insert(tx, 2))).rejects.toMatchObject({ code: '55P03' });
    await holder.query('rollback');
    holder.release();
    expect((await one.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
  });

  it('whose connection is lost while it commits is not known to be saved, and says so', async () => {
    const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid');
    const work = briefly(async (tx) => {
      await insert(tx, 1);
      await database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      await insert(lastIn(tx), 2);
    });
    await expect(work).rejects.toMatchObject({ code: 'commit-unknown', exitCode: 6 });
    await briefly((tx) => insert(tx, 3));
    expect(await notes()).toEqual([3]);
  });

  it('works through a pooler, with a client that sends ahead by itself, and with one that is not of pg', async () => {
    const pooler = await startPooler(database.url, { connections: 1 });
    const ahead = new pg.Pool({ connectionString: database.url, pipeline: true } as pg.PoolConfig);
    const pools = [openPool(pooler.url, { max: 2 }), ahead, withoutPg(database.pool)];
    for (const [n, pool] of pools.entries()) {
      await inBriefTransaction(pool, (tx) => insert(tx, 2 * n), { ...OPTIONS, prepares: n > 0 });
      await briefly((tx) => insert(lastIn(tx), 2 * n + 1), pool);
    }
    expect(await notes()).toEqual([0, 1, 2, 3, 4, 5]);
    await pools[0]?.end();
    await ahead.end();
    await pooler.close();
  });
});

/** A pool whose clients have nothing but what is asked of them. */
const withoutPg = (pool: Pool): Pool =>
  ({
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (text: string, values?: unknown[]) => client.query(text, values),
        release: (error?: Error) => client.release(error),
      };
    },
  }) as unknown as Pool;
