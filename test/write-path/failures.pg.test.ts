import { beforeEach, describe, expect, test } from 'vitest';
import { openDocumentStore } from '../../src/index.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { configObject } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one');
  await store.documents.save({ id: 'a', content: paragraphs('one', 'two'), baseRevision: 1 });
});

const saveAgain = (...texts: readonly string[]) =>
  store.documents.save({ id: 'a', content: paragraphs(...texts), baseRevision: 2 });
const rowOf = async () => (await store.sql('select content from documents')).map(({ content }) => content);
const failures = () =>
  store.sql(
    `select kind, cohort, outcome, failed, error from dualpath.receipts where failed is not null order by id`,
  );
const refuseStates = () =>
  store.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
             create trigger refuse before update on local_first.documents for each row execute function refuse()`);
const refuseRows = () =>
  store.sql(`alter table documents add check (position('unwelcome' in content::text) = 0)`);

const failed = (path: string, error: string, more: object = {}) => ({
  kind: 'save',
  cohort: 'everyone',
  outcome: 'quarantined',
  failed: path,
  error,
  ...more,
});

describe('a local-first table that refuses everything', () => {
  test('holds up no save of a legacy document: not the first, and not the next', async () => {
    await refuseStates();
    expect(await saveAgain('one', 'two', 'three')).toMatchObject({ outcome: 'quarantined', revision: 3 });
    expect(await saveAgain('one', 'two', 'four')).toMatchObject({ outcome: 'quarantined', revision: 4 });
    expect(await rowOf()).toEqual([paragraphs('one', 'two', 'four')]);
    expect(await failures()).toEqual([
      failed('local-first', 'not-stored'),
      failed('local-first', 'not-stored'),
    ]);
  });

  test('nor one that meets a row which plain SQL wrote and which cannot be taken in', async () => {
    await refuseStates();
    await store.write('a', 'plain');
    expect(await saveAgain('one', 'two', 'three')).toMatchObject({ outcome: 'quarantined' });
    expect(await rowOf()).toEqual([paragraphs('one', 'two', 'three')]);
    expect(await store.sql('select code from dualpath.quarantine')).toEqual([{ code: 'not-stored' }]);
  });

  test('is told to whoever saves a local-first document, and there is a receipt of it', async () => {
    await store.sql(`update dualpath.documents set authority = 'local-first'`);
    await refuseStates();
    await expect(saveAgain('one', 'two', 'three')).rejects.toMatchObject({ code: 'invalid-content' });
    expect(await rowOf()).toEqual([paragraphs('one', 'two')]);
    expect(await failures()).toEqual([failed('local-first', 'not-stored', { outcome: 'failed' })]);
  });

  test('sets a push aside, as a failure of that path', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    await refuseStates();
    device.append('offline');
    expect(await device.push()).toMatchObject({ outcome: 'quarantined' });
    expect(await failures()).toEqual([failed('local-first', 'not-stored', { kind: 'push' })]);
  });
});

describe('a local-first table whose trigger passes over a write, and says nothing', () => {
  const passOver = () =>
    store.sql(`create function pass() returns trigger language plpgsql as $$ begin return null; end $$;
               create trigger pass before update on local_first.documents for each row execute function pass()`);

  test('refuses it as one that does so aloud', async () => {
    await passOver();
    expect(await saveAgain('one', 'two', 'three')).toMatchObject({ outcome: 'quarantined', revision: 3 });
    expect(await rowOf()).toEqual([paragraphs('one', 'two', 'three')]);
    expect(await failures()).toEqual([failed('local-first', 'not-stored')]);
  });

  test('sets a push aside', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    await passOver();
    device.append('offline');
    expect(await device.push()).toMatchObject({ outcome: 'quarantined' });
    expect(await failures()).toEqual([failed('local-first', 'not-stored', { kind: 'push' })]);
  });
});

describe('a legacy table that refuses a content', () => {
  test('refuses the save that brings it, and there is a receipt of it', async () => {
    await refuseRows();
    await expect(saveAgain('unwelcome')).rejects.toMatchObject({
      code: 'not-stored',
      details: { sqlState: '23514' },
    });
    expect(await failures()).toEqual([failed('legacy', '23514', { outcome: 'failed' })]);
  });

  test('sets aside the push that would be mirrored, as a failure of that path', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    await refuseRows();
    device.append('unwelcome');
    expect(await device.push()).toMatchObject({ outcome: 'quarantined' });
    expect(await failures()).toEqual([failed('legacy', 'not-stored', { kind: 'push' })]);
  });

  test('leaves its receipt though the caller holds the only connection there is', async () => {
    await refuseRows();
    const pool = openPool(store.database.url, { max: 1 });
    const documents = await openDocumentStore({ config: configObject({}), pool });
    await documents.load({ id: 'a' });
    const tx = await pool.connect();
    await tx.query('begin');
    const saving = documents.save({ id: 'a', content: paragraphs('unwelcome') }, { tx });
    await expect(saving).rejects.toMatchObject({ code: 'not-stored', details: { sqlState: '23514' } });
    await tx.query('rollback');
    tx.release();
    // It waits for a connection, in whose line this stands behind it.
    await pool.query('select 1');
    await pool.end();
    expect(await failures()).toEqual([failed('legacy', '23514', { outcome: 'failed' })]);
  });
});

describe('no failure of a path', () => {
  test('is an answer about the document or about what was sent', async () => {
    await expect(store.documents.save({ id: 'none', content: paragraphs('x') })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await saveAgain('one', 'two', 'three')).toMatchObject({ outcome: 'saved' });
    expect(
      await store.documents.save({ id: 'a', content: { ops: [{ insert: 'x' }] }, baseRevision: 3 }),
    ).toMatchObject({ outcome: 'quarantined' });
    await store.sql('delete from documents');
    await expect(saveAgain('x')).rejects.toMatchObject({ code: 'deleted' });
    expect(await failures()).toEqual([]);
  });
});
