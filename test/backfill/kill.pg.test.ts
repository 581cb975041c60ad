import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { backfill } from '../../src/backfill/backfill.ts';
import { coverage } from '../../src/documents/coverage.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { randomFrom, SEED } from '../support/random.ts';
import { spawnBackfill } from './child.ts';
import { expectNothingLostOrDoubled } from './independent.ts';
import { COHORT, openSchool, type School } from './school.ts';

describe('a backfill that is killed', () => {
  it(`at random moments, again and again (DUALPATH_SEED=${SEED}), loses and doubles nothing`, {
    timeout: 180_000,
  }, async () => {
    const school = await openSchool(5_000);
    const random = randomFrom(SEED);
    let killed = 0;
    for (let kills = 0; kills < 6; kills++) {
      const child = spawnBackfill(school);
      await until(() => child.lines.length > 0 || child.process.exitCode !== null);
      await sleep(random() * 700);
      child.process.kill('SIGKILL');
      if ((await child.ended).code === null) killed++;
      expect(await doubled(school)).toBe(0);
    }
    expect(killed).toBeGreaterThan(0);
    const last = spawnBackfill(school);
    expect(await last.ended).toEqual({ code: 0, errors: '' });
    expect(last.lines.at(-1)?.result?.remaining).toBe(0);
    expect(await coverage(school.pool, school.stores, COHORT)).toMatchObject({ members: 5_000, missing: 0 });
    await expectNothingLostOrDoubled(school.pool);
  });

  it.each(['before', 'after'] as const)(
    'right %s sending any one of its statements, then finished, loses and doubles nothing',
    { timeout: 180_000 },
    async (moment) => {
      const school = await openSchool(12);
      await school.pool.query(
        `insert into public.documents (id, owner_id, content) values ('bad', 'u-1', '"text"')`,
      );
      let survived = false;
      let statements = 0;
      while (!survived) {
        statements++;
        survived = await dieAt(school, statements, moment);
        await backfill(school.pool, school.stores, school.fence);
        await expectNothingLostOrDoubled(school.pool, ['bad']);
        expect(await coverage(school.pool, school.stores, COHORT)).toMatchObject({ members: 13, missing: 0 });
        await school.pool.query(`truncate dualpath.chunks, dualpath.documents, dualpath.updates, dualpath.quarantine,
          local_first.documents`);
        expect(statements).toBeLessThan(200);
      }
      expect(statements).toBeGreaterThan(20);
    },
  );
});

/** Runs a backfill all of whose connections break at its n-th statement, as they do when its process is killed. */
async function dieAt(school: School, statements: number, moment: 'before' | 'after'): Promise<boolean> {
  let left = statements;
  const clients = new Set<pg.Client>();
  const die = (): void => {
    for (const client of clients) (client as unknown as Inner).connection.stream.destroy();
  };
  class MortalClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      clients.add(this);
    }
    override query(...parameters: unknown[]): never {
      left -= 1;
      if (left <= 0 && moment === 'before') die();
      const sent = (super.query as (...all: unknown[]) => unknown).apply(this, parameters);
      // The statement is on its way: whether it was carried out, nobody will hear.
      if (left <= 0) setImmediate(die);
      return sent as never;
    }
  }
  const pool = openPool(school.database.url);
  pool.options.Client = MortalClient;
  (pool as unknown as { Client: unknown }).Client = MortalClient;
  try {
    await backfill(pool, school.stores, school.fence);
    return left > 0;
  } catch {
    return false;
  } finally {
    await pool.end();
  }
}

interface Inner {
  readonly connection: { readonly stream: { destroy(): void } };
}

async function doubled({ pool }: School): Promise<number> {
  const { rows } = await pool.query<{ doubled: number }>(
    `select count(*)::int as doubled from (
       select document_id from dualpath.updates group by 1 having count(*) > 1
       union all select id from dualpath.documents d where not exists (select from local_first.documents s where s.id = d.id)
       union all select id from local_first.documents s where not exists (select from dualpath.documents d where d.id = s.id)
     ) broken`,
  );
  return rows[0]?.doubled ?? -1;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
