import { beforeEach, describe, expect, it } from 'vitest';
import { documentOf, ERROR } from '../cli/document-of.ts';
import { runHere } from '../cli/streams.ts';
import { Device, paragraphs } from '../support/device.ts';
import {
  bothRewrote,
  type Conflicted,
  openConflicted,
  overwritten,
  refusedPush,
  staleSave,
} from './conflicted.ts';

const TEXT = `
  create table public.users (id text primary key, school_id text);
  create table public.documents (id text primary key, owner_id text, content text, revision bigint not null default 1,
    updated_at timestamptz not null default now());
  insert into public.users values ('u-1', 's-1')`;

let app: Conflicted;
beforeEach(async () => {
  app = await openConflicted();
});

const resolve = (id: string, keep: 'merged' | 'local-first' | 'legacy', dryRun = false) =>
  app.controlling((controller) => controller.resolveConflict(id, keep, { dryRun }));
const listed = async (id: string) =>
  (await app.controlling((controller) => controller.conflicts())).conflicts.find((each) => each.id === id);
const recovered = async (document: string, options: object): Promise<string> =>
  (await app.controlling((controller) => controller.recover(document, options))).text;

describe('a conflict that is resolved', () => {
  it('as merged leaves the document as it is', async () => {
    const id = await staleSave(app, 'a');
    const before = await app.sql('select head, version from dualpath.documents');
    expect(await resolve(id, 'merged')).toMatchObject({ changes: false, words: null, revision: null });
    expect(await app.sql('select head, version from dualpath.documents')).toEqual(before);
    expect(await listed(id)).toMatchObject({ resolved: { keep: 'merged', by: 'support' } });
  });

  it('as legacy makes what was saved the document, in both stores', async () => {
    const id = await staleSave(app, 'a');
    expect(await app.texts('a')).toEqual(['first one two three four last', 'untouched']);
    expect(await resolve(id, 'legacy')).toMatchObject({
      changes: true,
      revision: '5',
      writtenSince: false,
      words: { before: 7, after: 7, added: 1, removed: 1 },
      met: [],
    });
    expect(await app.texts('a')).toEqual(['zero one two three four last', 'untouched']);
    expect(JSON.parse(await recovered('a', { revision: '4' }))).toEqual(
      paragraphs('first one two three four last', 'untouched'),
    );
  });

  it('as local-first makes what was there before a save the document', async () => {
    const id = await staleSave(app, 'a');
    await resolve(id, 'local-first');
    expect(await app.texts('a')).toEqual(['first one two three four five', 'untouched']);
  });

  it('as local-first makes what a device pushed the document, and as legacy what was there before', async () => {
    const one = await bothRewrote(app, 'a');
    const two = await bothRewrote(app, 'b');
    await resolve(one, 'local-first');
    await resolve(two, 'legacy');
    expect(await app.texts('a')).toEqual(['offline somebody typed quite another text']);
    expect(await app.texts('b')).toEqual(['legacy wrote this paragraph all anew']);
  });

  it('as local-first takes back what an unknown save replaced', async () => {
    const id = await overwritten(app, 'a');
    await resolve(id, 'local-first');
    expect(await app.texts('a')).toEqual(['a draft of many good words that took a whole week']);
  });

  it('keeps what was written to the document since', async () => {
    const id = await staleSave(app, 'a');
    await app.documents.save({
      id: 'a',
      content: paragraphs('first one two three four last', 'untouched', 'written since by a save'),
      baseRevision: 4,
    });
    const device = await Device.open(app.documents, 'a', 'phone');
    device.append('pushed since');
    await device.push();
    await app.write('a', ...(await app.texts('a')), 'by plain SQL');
    expect(await resolve(id, 'legacy', true)).toMatchObject({ behind: true });
    expect(await resolve(id, 'legacy')).toMatchObject({ changes: true, writtenSince: true });
    expect(await app.texts('a')).toEqual([
      'zero one two three four last',
      'untouched',
      'written since by a save',
      'pushed since',
      'by plain SQL',
    ]);
  });

  it('says so where what was written since meets the side, and loses neither', async () => {
    const id = await staleSave(app, 'a');
    await app.documents.save({
      id: 'a',
      content: paragraphs('first one two three four last word', 'untouched'),
      baseRevision: 4,
    });
    const report = await resolve(id, 'legacy');
    expect(report.met).toEqual(['both sides changed the same block']);
    expect(await app.texts('a')).toEqual(['zero one two three four last word', 'untouched']);
  });

  it('is a change like any other for a device that was offline meanwhile', async () => {
    const id = await staleSave(app, 'a');
    const device = await Device.open(app.documents, 'a', 'phone');
    device.paragraph(1).insert(9, ' and offline');
    await resolve(id, 'legacy');
    await device.push();
    await device.pull();
    expect(await app.texts('a')).toEqual(['zero one two three four last', 'untouched and offline']);
    expect(device.paragraph(0).toString()).toBe('zero one two three four last');
  });

  it('is written to the local-first store alone once its cohort is completed', async () => {
    const id = await staleSave(app, 'a');
    await app.sql(`update dualpath.cohorts set stage = 'completed'`);
    await app.sql(`update dualpath.documents set authority = 'local-first'`);
    await resolve(id, 'legacy');
    const { content } = await app.documents.load({ id: 'a' });
    expect(content).toEqual(paragraphs('zero one two three four last', 'untouched'));
    const [row] = await app.sql('select content from documents');
    expect(row?.content).toEqual(paragraphs('first one two three four last', 'untouched'));
  });

  it('is a change of a plain text, too', async () => {
    const text = await openConflicted({ documents: { format: 'text' } }, TEXT);
    await text.sql(`insert into documents values ('a', 'u-1', 'a draft of many words that took a week')`);
    await text.documents.pull({ id: 'a', deviceId: 'phone' });
    const { conflict } = await text.documents.save({ id: 'a', content: 'nothing alike' });
    await text.documents.save({ id: 'a', content: 'nothing alike\nwritten since', baseRevision: 2 });
    await text.controlling((controller) => controller.resolveConflict(conflict ?? '', 'local-first'));
    const [row] = await text.sql('select content from documents');
    expect(row?.content).toBe('a draft of many words that took a week\nwritten since');
    const { stdout } = await runHere(['recover', 'a', '--revision', '1', '--config', text.file]);
    expect(stdout).toBe('a draft of many words that took a week');
  });

  it('goes into the journal and the receipts without content', async () => {
    const id = await staleSave(app, 'a');
    await resolve(id, 'legacy');
    const [entry] = (await app.controlling((controller) => controller.journal(null))).slice(-1);
    expect(entry).toMatchObject({
      kind: 'conflict-resolved',
      cohort: 'everyone',
      operator: 'support',
      reason: 'a test',
      data: { conflict: id, document: 'a', keep: 'legacy', added: 1, removed: 1 },
    });
    const [receipt] = await app.sql(`select * from dualpath.receipts where kind = 'merge'`);
    expect(receipt).toMatchObject({ outcome: 'resolved', conflict: id, class: 'clean', agrees: null });
    for (const record of [entry, receipt]) expect(JSON.stringify(record)).not.toContain('three');
  });
});

describe('a conflict that cannot be resolved', () => {
  it('a second time: 5, and who kept what', async () => {
    const id = await staleSave(app, 'a');
    await resolve(id, 'legacy');
    const texts = await app.texts('a');
    const again = await runHere([
      'conflicts',
      'resolve',
      id,
      '--keep',
      'local-first',
      '--json',
      '--config',
      app.file,
    ]);
    expect(again.exit).toBe(5);
    expect(documentOf(again)).toMatchObject({
      error: {
        ...ERROR.error,
        code: 'already-resolved',
        message: expect.stringContaining('support kept legacy'),
      },
    });
    expect(await app.texts('a')).toEqual(texts);
  });

  it('by two people at once: one of them does it, once', async () => {
    const id = await staleSave(app, 'a');
    const both = await Promise.allSettled([resolve(id, 'legacy'), resolve(id, 'local-first')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const repairs = await app.sql(`select seq from dualpath.updates where origin = 'repair'`);
    expect(repairs).toHaveLength(1);
    const kept = (await listed(id))?.resolved?.keep === 'legacy' ? 'zero' : 'first';
    expect((await app.texts('a'))[0]).toContain(kept);
  });

  it('because its update was refused: only to be dismissed', async () => {
    const id = await refusedPush(app, 'a');
    await expect(resolve(id, 'local-first')).rejects.toMatchObject({
      code: 'nothing-to-choose',
      exitCode: 5,
    });
    await resolve(id, 'merged');
    expect(await listed(id)).toMatchObject({ class: 'quarantine', resolved: { keep: 'merged' } });
    expect(await app.texts('a')).toEqual(['one two']);
  });

  it('because the document is deleted: only to be closed', async () => {
    const id = await staleSave(app, 'a');
    await app.sql('delete from documents');
    await expect(resolve(id, 'legacy')).rejects.toMatchObject({ code: 'deleted', exitCode: 5 });
    await resolve(id, 'merged');
    expect(await listed(id)).toMatchObject({ resolved: { keep: 'merged' } });
  });

  it('because the document is held on legacy: only to be closed', async () => {
    const id = await staleSave(app, 'a');
    await app.sql(
      `update documents set content = '{"type": "doc", "content": "broken"}', revision = revision + 1`,
    );
    await expect(resolve(id, 'legacy')).rejects.toMatchObject({ code: 'quarantined', exitCode: 5 });
    await resolve(id, 'merged');
  });

  it('because the database refuses the side: nothing is changed', async () => {
    const id = await staleSave(app, 'a');
    await app.sql(`alter table documents add check (content::text not like '%zero%') not valid`);
    const before = await app.texts('a');
    await expect(resolve(id, 'legacy')).rejects.toMatchObject({ code: 'not-stored', exitCode: 2 });
    expect(await app.texts('a')).toEqual(before);
    expect(await listed(id)).toMatchObject({ resolved: null });
  });

  it('because there is none of this number: 2', async () => {
    for (const id of ['99', 'x', '1e3', '99999999999999999999'])
      await expect(resolve(id, 'merged')).rejects.toMatchObject({ code: 'no-such-conflict', exitCode: 2 });
  });
});

describe('conflicts resolve --dry-run', () => {
  it('says what would change in counts of words, and changes nothing', async () => {
    const id = await staleSave(app, 'a');
    const tables = async () => [
      await app.sql('select * from documents'),
      await app.sql('select * from dualpath.documents'),
      await app.sql('select * from dualpath.conflicts'),
      await app.sql('select count(*) from dualpath.updates'),
      await app.sql('select count(*) from dualpath.receipts'),
      await app.sql('select count(*) from dualpath.journal'),
    ];
    const before = await tables();
    const result = await runHere([
      'conflicts',
      'resolve',
      id,
      '--keep',
      'legacy',
      '--dry-run',
      '--config',
      app.file,
    ]);
    expect(result).toMatchObject({
      exit: 0,
      stdout: `Would close conflict ${id}: document a would be its legacy side (7 → 7 words, 1 in, 1 out).\n`,
    });
    expect(await tables()).toEqual(before);
  });
});
