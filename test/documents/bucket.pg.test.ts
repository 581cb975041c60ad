import fc from 'fast-check';
import { normalizedStrategyValue } from 'unleash-client/lib/strategy/util.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROLLOUT_GROUP_ID } from '../../src/core/cohorts.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});

/** The ids that Postgres puts into another bucket than the flag SDK. */
async function disagreements(ids: readonly string[], groupId = ROLLOUT_GROUP_ID): Promise<readonly string[]> {
  const { rows } = await db.pool.query<{ bucket: number }>(
    `select dualpath.bucket(id, $2::text) as bucket from unnest($1::text[]) with ordinality as ids (id, place) order by place`,
    [ids, groupId],
  );
  expect(rows).toHaveLength(ids.length);
  return ids.filter((id, index) => rows[index]?.bucket !== normalizedStrategyValue(id, groupId));
}

describe('the bucket of a user is the one the flag SDK computes', () => {
  test('for 12,000 ids of the usual kinds', async () => {
    const ids = Array.from({ length: 4000 }, (_, index) => [
      `u-${index}`,
      `${index * 7919}`,
      `${index.toString(16).padStart(8, '0')}-5f1c-4a7e-9b3d-0123456789ab`,
    ]).flat();
    expect(await disagreements(ids)).toEqual([]);
    expect(new Set(ids.map((id) => normalizedStrategyValue(id, ROLLOUT_GROUP_ID))).size).toBe(100);
  });

  test('for every length up to 300, and for 10,000 characters', async () => {
    const ids = Array.from({ length: 301 }, (_, length) => 'abc-7'.repeat(61).slice(0, length));
    expect(
      await disagreements([...ids, 'x'.repeat(10_000), 'é'.repeat(10_000), '😀'.repeat(10_000)]),
    ).toEqual([]);
  });

  test('for characters of every kind, of which it sees the low byte of each UTF-16 unit', async () => {
    const points = Array.from({ length: 0x110000 / 89 }, (_, index) => index * 89 + 1);
    const ids = points
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => `a${String.fromCodePoint(point)}bc`);
    expect(ids.length).toBeGreaterThan(10_000);
    expect(await disagreements(ids)).toEqual([]);
  });

  test('for any text', async () => {
    const ids = fc
      .sample(fc.string({ unit: 'binary' }), 10_000)
      .map((id) => id.replaceAll(/\0|\p{Cs}/gu, ''));
    expect(await disagreements(ids)).toEqual([]);
  });

  test('in any group', async () => {
    for (const group of ['', 'local-first.default', 'größe 😀'])
      expect(await disagreements(['', 'u-1', 'ü'], group)).toEqual([]);
  });
});

describe('the function', () => {
  test('gives nothing for nobody', async () => {
    const { rows } = await db.pool.query(`select dualpath.bucket(null, 'dualpath') as bucket`);
    expect(rows).toEqual([{ bucket: null }]);
  });

  test('can be used in an index and by parallel workers', async () => {
    const { rows } = await db.pool.query(
      `select provolatile, proparallel, proisstrict from pg_proc where oid = 'dualpath.bucket(text, text)'::regprocedure`,
    );
    expect(rows).toEqual([{ provolatile: 'i', proparallel: 's', proisstrict: true }]);
  });

  test('does not read a backslash as an escape, whatever the session believes of strings', async () => {
    const client = await db.pool.connect();
    try {
      await client.query('set standard_conforming_strings = off');
      const { rows } = await client.query(`select dualpath.bucket($1::text, 'dualpath') as bucket`, [
        'a\\000\\x41',
      ]);
      expect(rows).toEqual([{ bucket: normalizedStrategyValue('a\\000\\x41', ROLLOUT_GROUP_ID) }]);
    } finally {
      client.release(true);
    }
  });
});
