import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { install } from '../../src/documents/install.ts';
import { openStores } from '../../src/documents/stores.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { freshDatabase } from '../support/database.ts';
import { COHORT, verifyOne } from './school.ts';

/** A started cohort over a table of the application's own making. */
async function openShape(
  ddl: string,
  documents: string,
  cohorts = `  - { name: ${COHORT}, everyone: true }`,
) {
  const { pool } = await freshDatabase();
  await pool.query(ddl);
  const config = parseConfig(
    `version: 1
database: embedded
documents: ${documents}
users: { table: public.users, columns: { id: id }, attributes: { school: school } }
flags: { provider: file }
cohorts:
${cohorts}
`,
    { path: 'cohorts.yaml', env: {} },
  );
  await install(pool, await openStores(pool, config));
  const stores = await openStores(pool, config);
  await pool.query(
    `insert into dualpath.cohorts (name, place, definition, stage, started_at, window_since)
     values ($1, 0, '{"everyone": true}', 'soaking', now(), now())`,
    [COHORT],
  );
  return { pool, stores };
}

describe('verify on tables that were not designed for it', () => {
  it('pages numbers as numbers, and finds and mends exactly those that drift', async () => {
    const shape = await openShape(
      `create table public.users (id bigint primary key, school text);
       insert into public.users values (1);
       create table public."Mixed Case" ("Doc Id" integer primary key, "Owner" bigint, "Body" text, extra int not null)`,
      `{ table: '"public"."Mixed Case"', columns: { id: Doc Id, owner: Owner, content: Body, revision: null, updated_at: null }, format: markdown }`,
    );
    const { pool } = shape;
    await pool.query(
      `insert into public."Mixed Case" select n, 1, '# Essay ' || n, 7 from generate_series(-3, 1200) n`,
    );
    await catchUp(pool, shape.stores);
    expect(await verifyOne(shape)).toMatchObject({ compared: 1_204, matched: 1_204, driftTotal: 0 });
    await pool.query(`update local_first.documents set state = 'garbage' where id in (-3, 9, 10, 1200)`);
    const found = await verifyOne(shape);
    expect(found.drift.map(({ document }) => document).sort()).toEqual(['-3', '10', '1200', '9']);
    expect(await verifyOne(shape, { repair: true })).toMatchObject({ repaired: 4, driftTotal: 0 });
    await pool.query(`insert into local_first.documents (id, state) values (5000, '\\x0000')`);
    expect(await verifyOne(shape)).toMatchObject({ extra: 1, driftTotal: 1 });
    expect(await verifyOne(shape, { scope: { document: '10' } })).toMatchObject({ compared: 1, matched: 1 });
    await expect(verifyOne(shape, { scope: { document: 'not a number' } })).rejects.toMatchObject({
      code: 'unknown-document',
    });
  });

  it('takes ids with quotes, spaces, emoji and 10,000 characters', async () => {
    const shape = await openShape(
      `create table public.users (id text primary key, school text);
       create table public.documents (id text primary key, owner_id text, content text, revision int not null default 1)`,
      '{ columns: { id: id, owner: owner_id, content: content, revision: revision, updated_at: null }, format: text }',
    );
    const { pool } = shape;
    const ids = [`it's "quoted"`, ' spaces  ', '😀 ünï', `\\'; drop table x; --`, 'x'.repeat(900)];
    for (const id of [...ids, 'y'.repeat(10_000)])
      await pool.query(`insert into public.documents (id, owner_id, content) values ($1, 'u', $1)`, [id]);
    await catchUp(pool, shape.stores);
    expect(await verifyOne(shape)).toMatchObject({ compared: 6, matched: 5, quarantined: 1, driftTotal: 0 });
    await pool.query(`update local_first.documents set state = 'garbage'`);
    expect(await verifyOne(shape)).toMatchObject({ driftTotal: 5 });
    expect(await verifyOne(shape, { repair: true })).toMatchObject({ repaired: 5, driftTotal: 0 });
    expect(await verifyOne(shape, { scope: { document: 'y'.repeat(10_000) } })).toMatchObject({
      quarantined: 1,
    });
  });

  it('takes a document that left `where` for deleted, though capture never saw it go', async () => {
    const shape = await openShape(
      `create table public.users (id text primary key, school text);
       insert into public.users values ('u', 'here');
       create table public.documents (id uuid primary key, owner_id text, content jsonb, revision int not null default 1)`,
      '{ columns: { id: id, owner: owner_id, content: content, revision: revision, updated_at: null }, format: quill, where: owner_id is not null }',
    );
    const { pool } = shape;
    await pool.query(
      `insert into public.documents select gen_random_uuid(), 'u', '{"ops":[{"insert":"essay\\n"}]}' from generate_series(1, 5)`,
    );
    await catchUp(pool, shape.stores);
    expect(await verifyOne(shape)).toMatchObject({ compared: 5, matched: 5 });
    await inTransaction(pool, async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(
        'update public.documents set owner_id = null where id = (select id from public.documents order by id limit 1)',
      );
    });
    expect(await verifyOne(shape)).toMatchObject({ compared: 4, matched: 4, driftTotal: 0 });
  });

  it('goes on looking at documents whose owner left for a cohort that has not started', async () => {
    const shape = await openShape(
      `create table public.users (id text primary key, school text);
       insert into public.users values ('u', 'here');
       create table public.documents (id uuid primary key, owner_id text, content jsonb, revision int not null default 1)`,
      '{ columns: { id: id, owner: owner_id, content: content, revision: revision, updated_at: null }, format: quill }',
      `  - { name: ${COHORT}, match: { school: [here] } }\n  - { name: later, everyone: true }`,
    );
    const { pool } = shape;
    await pool.query(
      `insert into public.documents select gen_random_uuid(), 'u', '{"ops":[{"insert":"essay\\n"}]}' from generate_series(1, 5)`,
    );
    await catchUp(pool, shape.stores);
    await pool.query(`update public.users set school = 'elsewhere'`);
    expect(await verifyOne(shape)).toMatchObject({ compared: 5, matched: 5 });
    await pool.query(`update local_first.documents set state = 'garbage'`);
    expect(await verifyOne(shape)).toMatchObject({ compared: 5, matched: 0, driftTotal: 5 });
    expect(await verifyOne(shape, { repair: true })).toMatchObject({ repaired: 5, driftTotal: 0 });
  });
});
