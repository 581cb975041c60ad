import { beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/postgres/pool.ts';
import type { School } from '../backfill/school.ts';
import { createRole } from '../support/roles.ts';
import { checksumOf, documentIds, openSoaking, plantState, save, verifyOne } from './school.ts';

describe('a login that may only observe', () => {
  let school: School;
  let observer: { pool: Pool; stores: School['stores'] };
  let ids: readonly string[];
  beforeAll(async () => {
    school = await openSoaking(9);
    ids = await documentIds(school.pool);
    const { pool } = await createRole(school.database, ['dualpath_observer']);
    observer = { pool, stores: school.stores };
  });
  const id = (index: number): string => ids[index] ?? '';

  it('compares and proves', async () => {
    const before = await checksumOf(school.pool);
    expect(await verifyOne(observer)).toMatchObject({ compared: 9, matched: 9, driftTotal: 0 });
    const { rows } = await school.pool.query(
      'select count(*)::int as proven from dualpath.documents where proof_head = head',
    );
    expect(rows).toEqual([{ proven: 9 }]);
    expect(await checksumOf(school.pool)).toBe(before);
  });

  it('finds drift, and cannot repair it', async () => {
    await plantState(school.pool, id(0), Buffer.from('garbage'));
    expect(await verifyOne(observer)).toMatchObject({ matched: 8, driftTotal: 1 });
    await expect(verifyOne(observer, { repair: true })).rejects.toMatchObject({ code: 'read-only' });
    expect(await verifyOne(school, { repair: true })).toMatchObject({ matched: 9, driftTotal: 0 });
  });

  it('holds nothing against a document whose change waits to be taken in by somebody who may', async () => {
    await save(school.pool, id(1), 'saved a moment ago');
    const result = await verifyOne(observer);
    expect(result).toMatchObject({ compared: 9, matched: 8, driftTotal: 0, unsettledTotal: 1 });
    expect(result.unsettled).toMatchObject([{ document: id(1) }]);
    await verifyOne(school);
    expect(await verifyOne(observer)).toMatchObject({ compared: 9, matched: 9, unsettledTotal: 0 });
  });

  it('calls stale what changed without anybody having been told', async () => {
    const client = await school.pool.connect();
    await client.query('begin; set local session_replication_role = replica');
    await save(client, id(2), 'past every trigger');
    await client.query('commit');
    client.release();
    const result = await verifyOne(observer);
    expect(result.drift).toMatchObject([{ document: id(2), class: 'stale' }]);
    expect(await verifyOne(school)).toMatchObject({ matched: 9, driftTotal: 0 });
  });
});
