import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backfill } from '../../src/backfill/backfill.ts';
import { planRun } from '../../src/backfill/ledger.ts';
import { install } from '../../src/documents/install.ts';
import { openStores, type Stores } from '../../src/documents/stores.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import { freshDatabase } from '../support/database.ts';
import { COHORT, openSchool, schoolConfig } from './school.ts';

interface Line {
  readonly number: number;
  readonly after_id: string | null;
  readonly upto_id: string;
  readonly documents: number;
  readonly bytes: string;
}

async function planned(
  pool: Pool,
  stores: Stores,
  bounds: { documents: number; bytes: number },
): Promise<Line[]> {
  await pool.query('truncate dualpath.chunks');
  const count = await planRun(pool, stores, COHORT, 1, bounds);
  const { rows } = await pool.query<Line>('select * from dualpath.chunks order by number');
  expect(rows).toHaveLength(count);
  return rows;
}

describe('the ledger of a run', () => {
  it('has every document in exactly one chunk, none larger than its bounds by more than one document', async () => {
    const { pool, stores } = await openSchool();
    const idOf = fc.oneof(
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.constantFrom(`a'b`, 'c "d"', '😀', ' ', 'É'),
    );
    const documents = fc.uniqueArray(fc.record({ id: idOf, words: fc.nat(40) }), {
      selector: ({ id }) => id,
      maxLength: 40,
    });
    const bounds = fc.record({
      documents: fc.integer({ min: 1, max: 9 }),
      bytes: fc.integer({ min: 1, max: 800 }),
    });
    await fc.assert(
      fc.asyncProperty(documents, bounds, async (all, within) => {
        const legal = all.filter(({ id }) => !id.includes('\0'));
        await pool.query('truncate public.documents');
        await pool.query(
          `insert into public.documents (id, owner_id, content)
           select id, 'u-1', to_jsonb(repeat('w', words)) from unnest($1::text[], $2::int[]) as n (id, words)`,
          [legal.map(({ id }) => id), legal.map(({ words }) => words)],
        );
        const lines = await planned(pool, stores, within);
        const { rows: found } = await pool.query<{ chunks: number; size: number }>(
          `select pg_column_size(d.content) as size, (select count(*)::int from dualpath.chunks c
             where (c.after_id is null or d.id > c.after_id) and d.id <= c.upto_id) as chunks from public.documents d`,
        );
        expect(found.map(({ chunks }) => chunks)).toEqual(legal.map(() => 1));
        expect(lines.reduce((sum, line) => sum + line.documents, 0)).toBe(legal.length);
        expect(lines.reduce((sum, line) => sum + Number(line.bytes), 0)).toBe(
          found.reduce((sum, { size }) => sum + size, 0),
        );
        const largest = Math.max(0, ...found.map(({ size }) => size));
        for (const line of lines) {
          expect(line.documents).toBeGreaterThan(0);
          expect(line.documents).toBeLessThanOrEqual(within.documents);
          expect(Number(line.bytes)).toBeLessThanOrEqual(within.bytes + largest);
        }
        for (const [at, line] of lines.entries()) expect(line.after_id).toBe(lines[at - 1]?.upto_id ?? null);
      }),
      { numRuns: 40 },
    );
  });

  it('follows the order of the ids, not that of their text, where ids are numbers', async () => {
    const { pool, stores } = await numbered();
    const lines = await planned(pool, stores, { documents: 5, bytes: 1e9 });
    expect(lines.map((line) => [line.after_id, line.upto_id])).toEqual([
      [null, '5'],
      ['5', '10'],
      ['10', '12'],
    ]);
    await pool.query('truncate dualpath.chunks');
    expect(await backfill(pool, stores, { cohort: COHORT, token: '0' })).toMatchObject({
      seeded: 12,
      remaining: 0,
    });
  });
});

/** A table that was not designed for dualpath. */
async function numbered(): Promise<{ pool: Pool; stores: Stores }> {
  const { pool } = await freshDatabase();
  await pool.query(`
    create table public."Users" ("Id" bigint primary key);
    create table public."Essays" ("Id" integer primary key, "Owner" bigint, "Body" text not null, "Title" text not null);
    insert into public."Users" values (1);
    insert into public."Essays" select n, 1, '{"type":"doc","content":[{"type":"paragraph"}]}', 'T' from generate_series(1, 12) n`);
  const config = schoolConfig(`version: 1
database: embedded
documents: { table: public.Essays, columns: { id: Id, owner: Owner, content: Body, revision: null, updated_at: null } }
users: { table: public.Users, columns: { id: Id } }
flags: { provider: file }
cohorts:
  - { name: ${COHORT}, everyone: true }
`);
  await install(pool, await openStores(pool, config));
  await pool.query(
    `insert into dualpath.cohorts (name, place, definition) values ($1, 0, '{"everyone": true}')`,
    [COHORT],
  );
  return { pool, stores: await openStores(pool, config) };
}
