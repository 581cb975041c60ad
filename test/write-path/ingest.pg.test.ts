import { beforeEach, describe, expect, test } from 'vitest';
import { coverage } from '../../src/documents/coverage.ts';
import { readLegacyRows } from '../../src/documents/legacy.ts';
import { readLinks } from '../../src/documents/links.ts';
import { readStates } from '../../src/documents/local-first.ts';
import { readQuarantine } from '../../src/documents/quarantine.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { type Taken, takeIn } from '../../src/write-path/ingest.ts';
import { prepareRow, seedDocuments } from '../../src/write-path/seed.ts';
import { essay, openTables, PLAIN, type Tables } from '../documents/tables.ts';
import { plainText, textOf } from './state.ts';

const COHORTS = [
  { name: 'first', match: { school: ['s-1'] } },
  { name: 'second', match: { school: ['s-0'] } },
  { name: 'later', everyone: true },
];
/** u-1 and u-3 are in the first cohort, u-2 and u-4 in the second, anybody else in one that has not started. */
let tables: Tables;
beforeEach(async () => {
  tables = await openTables(PLAIN, {
    documents: { where: 'deleted_at is null' },
    cohorts: COHORTS,
    stages: { later: 'planned' },
  });
});

const sql = async (text: string, ...values: readonly unknown[]) =>
  (await tables.pool.query(text, [...values])).rows;
const insert = (id: string, text: string, owner = 'u-1') =>
  sql('insert into documents (id, owner_id, content) values ($1, $2, $3)', id, owner, essay(text));
const write = (id: string, text: string) =>
  sql('update documents set content = $2, revision = revision + 1 where id = $1', id, essay(text));
const take = async (...ids: readonly string[]): Promise<readonly Taken[]> =>
  inTransaction(tables.pool, (tx) => takeIn(tx, tables.stores, ids));
const outcome = async (id: string): Promise<string | undefined> => (await take(id))[0]?.outcome;
const link = async (id: string) => (await readLinks(tables.pool, [id]))[0];
const held = async (id: string) => (await readQuarantine(tables.pool, [id]))[0];
const text = (id: string) => textOf(tables.pool, tables.stores, id);
const state = async (id: string) => (await readStates(tables.pool, tables.stores, [id]))[0]?.state;
const updates = (id: string) =>
  sql(
    'select seq, origin, version, client is not null as seeds from dualpath.updates where document_id = $1 order by seq',
    id,
  );
const versions = async (id: string) =>
  (await sql('select content, source from dualpath.versions where document_id = $1 order by id', id)).map(
    ({ content, source }) => `${source} ${plainText(JSON.parse(content as string))}`,
  );

describe('a document that was never seeded', () => {
  test('is seeded when its owner is in a started cohort', async () => {
    await insert('a', 'hello');
    expect(await outcome('a')).toBe('seeded');
    expect(await text('a')).toBe('hello');
    expect(await link('a')).toMatchObject({
      cohort: 'first',
      authority: 'legacy',
      owner: 'u-1',
      lineage: '1',
      version: '1',
      head: '1',
      observed: '1',
      legacyRevision: '1',
    });
    expect(await updates('a')).toEqual([{ seq: '1', origin: 'seed', version: '1', seeds: true }]);
  });

  test('gets the same bytes as from the backfill', async () => {
    await insert('a', 'hello');
    await take('a');
    const other = await openTables(PLAIN, { cohorts: COHORTS });
    await other.pool.query(`insert into documents (id, owner_id, content) values ('a', 'u-1', $1)`, [
      essay('hello'),
    ]);
    const rows = await readLegacyRows(other.pool, other.stores, ['a']);
    const prepared = rows.map((row) => prepareRow(other.stores, row));
    await inTransaction(other.pool, (tx) => seedDocuments(tx, other.stores, 'first', prepared));
    const [seeded] = await readStates(other.pool, other.stores, ['a']);
    expect(Buffer.from(seeded?.state ?? [])).toEqual(Buffer.from((await state('a')) ?? []));
  });

  test('is left alone when its cohort has not started, or it has no owner there', async () => {
    await insert('a', 'hello', 'nobody');
    expect(await outcome('a')).toBe('unchanged');
    expect(await outcome('not there')).toBe('unchanged');
    expect(await link('a')).toBeUndefined();
  });
});

describe('a row that another program wrote', () => {
  beforeEach(async () => {
    await insert('a', 'one');
    await take('a');
  });

  test('brings the head forward by one update that carries the link', async () => {
    await write('a', 'one two');
    expect(await outcome('a')).toBe('taken');
    expect(await text('a')).toBe('one two');
    expect(await link('a')).toMatchObject({ version: '2', head: '2', legacyRevision: '2', lineage: '1' });
    expect(await updates('a')).toEqual([
      { seq: '1', origin: 'seed', version: '1', seeds: true },
      { seq: '2', origin: 'capture', version: '2', seeds: false },
    ]);
  });

  test('taken in once, is unchanged the second time', async () => {
    await write('a', 'one two');
    await take('a');
    const before = await link('a');
    expect(await outcome('a')).toBe('unchanged');
    expect(await link('a')).toEqual(before);
  });

  test('is taken in with its captures, and what was replaced in between is kept', async () => {
    await write('a', 'two');
    await write('a', 'three');
    await take('a');
    expect(await sql('select from dualpath.captures')).toEqual([]);
    expect(await versions('a')).toEqual(['capture two']);
  });

  test('with equal content only refreshes owner and revision', async () => {
    await sql(`update documents set revision = 9, owner_id = 'u-3'`);
    expect(await outcome('a')).toBe('unchanged');
    expect(await link('a')).toMatchObject({ owner: 'u-3', legacyRevision: '9', version: '1', head: '1' });
  });

  test('is taken in although nobody raised the revision', async () => {
    await sql('update documents set content = $1', essay('in silence'));
    expect(await outcome('a')).toBe('taken');
    expect(await text('a')).toBe('in silence');
  });

  test('is a conflict when the state was changed too: both are kept, neither is overwritten', async () => {
    await write('a', 'by SQL');
    const foreign = await seedOf('by another program');
    await sql(`update local_first.documents set state = $1 where id = 'a'`, foreign);
    expect(await outcome('a')).toBe('quarantined');
    expect(await held('a')).toMatchObject({ code: 'head-moved', cohort: 'first' });
    expect(await text('a')).toBe('by another program');
    expect(await versions('a')).toEqual(['conflict by SQL', 'conflict by another program']);

    expect(await outcome('a')).toBe('quarantined');
    expect(await versions('a')).toHaveLength(2);
  });

  test('is released when the state is again what was linked', async () => {
    const before = await state('a');
    await write('a', 'by SQL');
    await sql(`update local_first.documents set state = $1 where id = 'a'`, await seedOf('foreign'));
    await take('a');
    await sql(`update local_first.documents set state = $1 where id = 'a'`, before);
    expect(await outcome('a')).toBe('taken');
    expect(await held('a')).toBeUndefined();
    expect(await text('a')).toBe('by SQL');
  });

  test('whose local-first row is gone is held, not seeded a second time', async () => {
    await write('a', 'one two');
    await sql('delete from local_first.documents');
    expect(await outcome('a')).toBe('quarantined');
    expect(await held('a')).toMatchObject({ code: 'state-missing' });
  });

  const seedOf = async (words: string): Promise<Uint8Array> => {
    const [row] = await readLegacyRows(tables.pool, tables.stores, ['a']);
    if (!row) throw new Error('no row');
    const prepared = prepareRow(tables.stores, { ...row, content: essay(words) });
    if (!('seed' in prepared)) throw new Error('no seed');
    return prepared.seed.update;
  };
});

describe('a document that moves', () => {
  beforeEach(async () => {
    await insert('a', 'one');
    await take('a');
    await sql(`update dualpath.documents set authority = 'local-first'`);
  });

  test('to another owner, changes its cohort and keeps authority and lineage', async () => {
    await sql(`update documents set owner_id = 'u-2'`);
    expect(await outcome('a')).toBe('moved');
    expect(await link('a')).toMatchObject({
      cohort: 'second',
      owner: 'u-2',
      authority: 'local-first',
      lineage: '1',
      head: '1',
    });
  });

  test('because its owner changed school, is found by catching up', async () => {
    await catchUp(tables.pool, tables.stores);
    await sql(`update users set school_id = 's-0' where id = 'u-1'`);
    expect(await coverage(tables.pool, tables.stores, 'second')).toMatchObject({
      members: 1,
      missing: 0,
      moving: 1,
    });
    expect(await catchUp(tables.pool, tables.stores)).toMatchObject({ moved: 1 });
    expect(await link('a')).toMatchObject({ cohort: 'second' });
    expect(await coverage(tables.pool, tables.stores, 'second')).toMatchObject({
      members: 1,
      missing: 0,
      moving: 0,
    });
  });

  test('to a cohort that has not started, stays with the one it was in and counts as moving', async () => {
    await sql(`update documents set owner_id = 'nobody'`);
    expect(await outcome('a')).toBe('unchanged');
    expect(await link('a')).toMatchObject({ cohort: 'first', owner: 'nobody' });
    expect(await coverage(tables.pool, tables.stores, 'first')).toMatchObject({ members: 0, moving: 1 });
  });

  test('and changes at once, is taken in and moved', async () => {
    await sql(`update documents set owner_id = 'u-2', content = $1`, essay('two'));
    expect(await outcome('a')).toBe('taken');
    expect(await link('a')).toMatchObject({ cohort: 'second', owner: 'u-2', version: '2' });
  });
});

describe('a document that is deleted', () => {
  beforeEach(async () => {
    await insert('a', 'private words');
    await take('a');
  });

  test('leaves a tombstone, keeps its updates and its state, and counts nowhere', async () => {
    await sql('delete from documents');
    expect(await outcome('a')).toBe('deleted');
    expect((await link('a'))?.deletedAt).toBeInstanceOf(Date);
    expect(await updates('a')).toHaveLength(1);
    expect(await text('a')).toBe('private words');
    expect(await coverage(tables.pool, tables.stores, 'first')).toEqual({
      members: 0,
      missing: 0,
      moving: 0,
      sample: [],
    });
    expect(await outcome('a')).toBe('unchanged');
  });

  test('by leaving `where`, comes back with its lineage when it returns', async () => {
    await sql('update documents set deleted_at = now()');
    expect(await outcome('a')).toBe('deleted');
    await sql('update documents set deleted_at = null, content = $1', essay('private words and more'));
    expect(await outcome('a')).toBe('taken');
    expect(await link('a')).toMatchObject({ deletedAt: null, lineage: '1', version: '2', head: '2' });
    expect(await text('a')).toBe('private words and more');
  });

  test('and created again by the same owner, goes on in its lineage', async () => {
    await sql('delete from documents');
    await take('a');
    await insert('a', 'again');
    expect(await outcome('a')).toBe('taken');
    expect(await link('a')).toMatchObject({ deletedAt: null, lineage: '1', head: '2' });
    expect(await text('a')).toBe('again');
  });

  test.each(['with', 'without'])(
    'and created again by another owner, %s catching up in between, starts a new lineage without a word of the old one',
    async (between) => {
      await sql(`update dualpath.documents set authority = 'local-first'`);
      await catchUp(tables.pool, tables.stores);
      await sql('delete from documents');
      if (between === 'with') await catchUp(tables.pool, tables.stores);
      await insert('a', 'theirs', 'u-2');
      expect(await outcome('a')).toBe('seeded');
      expect(await link('a')).toMatchObject({
        deletedAt: null,
        lineage: '2',
        cohort: 'second',
        owner: 'u-2',
        authority: 'legacy',
        version: '2',
        head: '2',
        observed: '2',
      });
      expect(await text('a')).toBe('theirs');
      expect(Buffer.from((await state('a')) ?? []).includes('private')).toBe(false);
      expect(await updates('a')).toEqual([
        { seq: '1', origin: 'seed', version: '1', seeds: true },
        { seq: '2', origin: 'seed', version: '2', seeds: true },
      ]);
    },
  );
});

describe('a document that does not convert', () => {
  test.each([
    ['no JSON of its format', '{"content":[]}', undefined],
    ['no content at all', null, 'no-content'],
    ['a number', '7', undefined],
  ])(
    'because it is %s, is quarantined, and released when the row is mended',
    async (_what, content, code) => {
      await sql(`insert into documents (id, owner_id, content) values ('a', 'u-1', $1)`, content);
      expect(await outcome('a')).toBe('quarantined');
      expect(await held('a')).toMatchObject({ cohort: 'first', ...(code ? { code } : {}) });
      expect(await coverage(tables.pool, tables.stores, 'first')).toMatchObject({ members: 1, missing: 0 });
      expect(await outcome('a')).toBe('quarantined');
      await write('a', 'mended');
      expect(await outcome('a')).toBe('seeded');
      expect(await held('a')).toBeUndefined();
      expect(await text('a')).toBe('mended');
    },
  );

  test('any more, is quarantined with what was written kept, and taken in when it is mended', async () => {
    await insert('a', 'one');
    await take('a');
    await sql(`update documents set content = '{"content":[{"text":"odd"}]}'`);
    expect(await outcome('a')).toBe('quarantined');
    expect(await versions('a')).toEqual(['capture odd']);
    expect(await text('a')).toBe('one');
    await write('a', 'two');
    expect(await outcome('a')).toBe('taken');
    expect(await held('a')).toBeUndefined();
    expect(await text('a')).toBe('two');
  });

  test('goes with its row, and when it leaves every started cohort', async () => {
    await sql(`insert into documents (id, owner_id) values ('a', 'u-1'), ('b', 'u-1')`);
    await take('a', 'b');
    await sql(
      `delete from documents where id = 'a'; update documents set owner_id = 'nobody' where id = 'b'`,
    );
    expect(await take('a', 'b')).toEqual([
      { id: 'a', outcome: 'unchanged' },
      { id: 'b', outcome: 'unchanged' },
    ]);
    expect(await readQuarantine(tables.pool, ['a', 'b'])).toEqual([]);
  });

  test('is counted by the cohort it moves to', async () => {
    await sql(`insert into documents (id, owner_id) values ('a', 'u-1')`);
    await take('a');
    await catchUp(tables.pool, tables.stores);
    await sql(`update users set school_id = 's-0' where id = 'u-1'`);
    await catchUp(tables.pool, tables.stores);
    expect(await held('a')).toMatchObject({ cohort: 'second', code: 'no-content' });
  });
});

describe('a state that is there before the first seed', () => {
  test('is adopted when it holds the content of the row', async () => {
    await insert('a', 'same');
    await take('a');
    const seed = await state('a');
    await sql('delete from dualpath.updates; delete from dualpath.documents');
    expect(await outcome('a')).toBe('seeded');
    expect(await state('a')).toEqual(seed);
    expect(await updates('a')).toEqual([{ seq: '1', origin: 'seed', version: '1', seeds: true }]);
  });

  test('is left alone, and the document held, when it holds anything else', async () => {
    await insert('a', 'same');
    await sql(`insert into local_first.documents values ('a', '\\x0000')`);
    expect(await outcome('a')).toBe('quarantined');
    expect(await held('a')).toMatchObject({ code: 'foreign-state' });
    expect(await link('a')).toBeUndefined();
    await sql('delete from local_first.documents');
    expect(await outcome('a')).toBe('seeded');
  });
});
