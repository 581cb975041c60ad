import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import type { School } from '../backfill/school.ts';
import { Device, paragraphs } from '../support/device.ts';
import { documentIds, openSoaking, save as saveBySql, verifyOne } from '../verify/school.ts';
import { gateOf, roundOf, SOAK_CONFIG } from './soaking.ts';

describe('what the library wrote', () => {
  let school: School;
  let documents: DocumentStore;
  let ids: readonly string[];
  beforeEach(async () => {
    school = await openSoaking(6, SOAK_CONFIG);
    ids = await documentIds(school.pool);
    documents = await openDocumentStore({ config: parse(SOAK_CONFIG) as object, pool: school.pool });
    await verifyOne(school);
    await roundOf(school);
  });
  const id = (index: number): string => ids[index] ?? '';
  const save = async (index: number, ...texts: readonly string[]) => {
    const { revision } = await documents.load({ id: id(index) });
    return documents.save({
      id: id(index),
      content: paragraphs(...texts),
      baseRevision: revision ?? undefined,
    });
  };

  it('is an observation each, counted once, beside what rounds count', async () => {
    await save(0, 'saved');
    await save(0, 'saved', 'again');
    const device = await Device.open(documents, id(1), 'phone');
    device.append('pushed');
    await device.push();
    await saveBySql(school.pool, id(2), 'past the library');
    const result = await roundOf(school);
    expect(result.round).toMatchObject({ observations: 1, mismatches: 0 });
    expect(result).toMatchObject({ observations: 4, mismatches: 0 });
    await verifyOne(school);
    expect(await roundOf(school)).toMatchObject({ observations: 4, round: { observations: 0 } });
  });

  it('is timed on both paths', async () => {
    for (const index of [0, 1, 2]) await save(index, 'saved');
    const result = await roundOf(school);
    expect(gateOf(result, 'write-errors')).toMatchObject({
      verdict: 'pass',
      because: 'failed writes 0 = 0 (of 3 through the library)',
    });
    expect(gateOf(result, 'latency').because).toMatch(
      /^both paths at p99 \d+(\.\d)? ms <= \d+(\.\d)? ms \(the legacy path alone \d.*; at p50 \d.*; 3 writes\)$/,
    );
  });

  it('is all that shows the path: plain SQL alone never does, however much of it is compared', async () => {
    for (const index of [0, 1, 2, 3]) await saveBySql(school.pool, id(index), 'past the library');
    const result = await roundOf(school);
    expect(gateOf(result, 'observations').verdict).toBe('pass');
    expect(gateOf(result, 'write-errors')).toMatchObject({
      verdict: 'inconclusive',
      because: 'writes through the library 0, wanted > 0',
    });
    expect(gateOf(result, 'latency').verdict).toBe('inconclusive');
    expect(gateOf(result, 'bypass-writes')).toMatchObject({
      verdict: 'pass',
      because: 'writes past the library with a doubtful base 0 = 0 (4 with a certain one)',
    });
  });

  it('before the clock began counts no more', async () => {
    await save(0, 'saved');
    await school.pool.query(
      `insert into dualpath.receipts (document_id, kind, cohort, failed, error) values ('x', 'save', 'everyone', 'legacy', '23514')`,
    );
    const failed = await roundOf(school);
    expect(failed).toMatchObject({ verdict: 'fail', observations: 1 });
    const next = await roundOf(school);
    expect(next).toMatchObject({ verdict: 'inconclusive', observations: 0 });
    expect(gateOf(next, 'write-errors').because).toBe('writes through the library 0, wanted > 0');
  });

  it('of another cohort counts there', async () => {
    await school.pool.query(
      `insert into dualpath.receipts (document_id, kind, cohort, failed, error) values ('x', 'save', 'others', 'legacy', '23514')`,
    );
    expect(gateOf(await roundOf(school), 'write-errors').verdict).toBe('inconclusive');
  });

  it('leaves to the round what it changed nothing of', async () => {
    await saveBySql(school.pool, id(0), 'past the library');
    const device = await Device.open(documents, id(0), 'phone');
    // The pull has taken the row in; the push changes nothing of the content.
    device.append('typed');
    device.fragment.delete(device.fragment.length - 1, 1);
    expect(await device.push()).toMatchObject({ outcome: 'applied' });
    expect(await roundOf(school)).toMatchObject({ observations: 1, round: { observations: 1 } });
  });

  it('a plain write whose base had to be guessed fails, and what it met waits for a person', async () => {
    const device = await Device.open(documents, id(0), 'phone');
    device.append('pushed words that nobody else has seen');
    await device.push();
    await saveBySql(school.pool, id(0), 'entirely different words');
    const failed = await roundOf(school);
    expect(gateOf(failed, 'bypass-writes')).toMatchObject({
      verdict: 'fail',
      because: 'writes past the library with a doubtful base 1 > 0 (0 with a certain one)',
    });
    expect(gateOf(failed, 'conflicts-open')).toMatchObject({
      verdict: 'inconclusive',
      because: 'open conflicts 1 > 0',
    });
    // The clock started again: that write is judged, the conflict is open still.
    const later = await roundOf(school);
    expect(gateOf(later, 'bypass-writes').verdict).toBe('pass');
    expect(gateOf(later, 'conflicts-open').verdict).toBe('inconclusive');
    const clock = await school.pool.query('select window_since from dualpath.cohorts');
    await school.pool.query(`update dualpath.conflicts set resolved_at = now(), resolution = 'merged'`);
    expect(gateOf(await roundOf(school), 'conflicts-open').verdict).toBe('pass');
    expect((await school.pool.query('select window_since from dualpath.cohorts')).rows).toEqual(clock.rows);
  });
});
