import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { PlanReport } from '../../src/controller.ts';
import { openStores } from '../../src/documents/stores.ts';
import { round } from '../../src/soak/round.ts';
import { createRole } from '../support/roles.ts';
import { PROGRAM_KEYS, PROGRAM_TABLE, plainProgram } from './plain-program.ts';
import { controlling, driftOf, insertLegacy, openOwn, recordedDrift } from './support.ts';

const stateOf = async (own: Awaited<ReturnType<typeof openOwn>>, id: string) =>
  (await own.database.pool.query('select data from app.ydocs where name = $1', [id])).rows[0]?.data;

describe('a table of the application with a column that only it can fill', () => {
  test('is named by `plan`, and its documents are held until the application has written them', async () => {
    const own = await openOwn(
      `${PROGRAM_TABLE}; alter table app.ydocs add column tenant text not null;
       create function app.tenant() returns trigger language plpgsql as
         $$ begin if current_setting('app.tenant', true) <> '' then new.tenant := current_setting('app.tenant'); end if; return new; end $$;
       create trigger tenant before insert on app.ydocs for each row execute function app.tenant()`,
      PROGRAM_KEYS,
    );
    await insertLegacy(own, 'old', 'one', 'two');
    await controlling(own, (controller) => controller.init());
    const { warnings } = await own.rollout.run<PlanReport>(['plan']);
    expect(warnings.join('\n')).toContain('column tenant of "app"."ydocs" must not be null');
    await controlling(own, (controller) => controller.start('everyone', {}));
    expect(await controlling(own, (controller) => controller.quarantine())).toMatchObject([
      { document: 'old', code: 'not-insertable' },
    ]);
    const client = await own.database.pool.connect();
    try {
      await client.query(`set app.tenant = 'lincoln'`);
      await plainProgram(client).adopt('old');
    } finally {
      await client.query('reset app.tenant');
      client.release();
    }
    await controlling(own, (controller) => controller.soak([]));
    expect(await controlling(own, (controller) => controller.quarantine())).toEqual([]);
    expect(await recordedDrift(own)).toEqual({});
  });
});

describe('a document that comes into a started cohort', () => {
  test('is seeded where it was there before and has no state', async () => {
    const own = await openOwn(PROGRAM_TABLE, {
      ...PROGRAM_KEYS,
      cohorts: [
        { name: 'staff', users: ['u-1'] },
        { name: 'everyone', everyone: true },
      ],
    });
    await insertLegacy(own, 'mine', 'one');
    await own.database.pool.query(
      `insert into documents (id, owner_id, content) select 'theirs', 'u-2', content from documents`,
    );
    await controlling(own, (controller) => controller.init());
    await controlling(own, (controller) => controller.start('staff', {}));
    expect(await stateOf(own, 'theirs')).toBeUndefined();
    await own.database.pool.query(`update documents set owner_id = 'u-1' where id = 'theirs'`);
    await controlling(own, (controller) => controller.soak([]));
    expect(await stateOf(own, 'theirs')).toBeDefined();
    expect(await driftOf(own)).toEqual({});
  });
});

describe('rows of the application that are no documents', () => {
  test('are no drift: a state whose legacy row lies outside `where`', async () => {
    const own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    const program = plainProgram(own.database.pool);
    await insertLegacy(own, 'kept', 'one');
    await program.create('binned', 'u-1', 'gone');
    await own.database.pool.query(`update documents set deleted_at = now() where id = 'binned'`);
    await controlling(own, (controller) => controller.init());
    await controlling(own, (controller) => controller.start('everyone', {}));
    await program.comment('binned', 'said too late');
    await controlling(own, (controller) => controller.soak([]));
    expect(await driftOf(own)).toEqual({});
  });

  test('nor is a document that the application deletes, row first and state later', async () => {
    const own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    await insertLegacy(own, 'doc', 'one');
    await controlling(own, (controller) => controller.init());
    await controlling(own, (controller) => controller.start('everyone', {}));
    await own.database.pool.query(`delete from documents where id = 'doc'`);
    await controlling(own, (controller) => controller.soak([]));
    expect(await recordedDrift(own)).toEqual({});
    await own.database.pool.query(`delete from app.ydocs where name = 'doc'`);
    expect(await driftOf(own)).toEqual({});
  });
});

describe('a login that may only look', () => {
  test('can hold a round, which proves nothing false', async () => {
    const own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    await insertLegacy(own, 'doc', 'one');
    await controlling(own, (controller) => controller.init());
    await controlling(own, (controller) => controller.start('everyone', {}));
    await plainProgram(own.database.pool).type('doc', 'lost', { lose: 'local-first' });
    const observer = await createRole(own.database, ['dualpath_observer']);
    const config = parseConfig(readFileSync(own.rollout.config, 'utf8'), { path: 'cohorts.yaml', env: {} });
    const stores = await openStores(observer.pool, config);
    const looked = await round(observer.pool, stores, 'everyone', { flags: null, sampleSeed: 1 });
    expect(looked.mismatches).toBe(0);
    await controlling(own, (controller) => controller.soak([]));
    expect(await recordedDrift(own)).toEqual({ doc: 'stale' });
    const again = await round(observer.pool, stores, 'everyone', { flags: null, sampleSeed: 1 });
    expect(again.gates.find(({ gate }) => gate === 'verification')).toMatchObject({ verdict: 'fail' });
  });
});
