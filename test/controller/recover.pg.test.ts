import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { catchUp } from '../../src/write-path/catch-up.ts';
import { documentOf, ERROR } from '../cli/document-of.ts';
import { runHere } from '../cli/streams.ts';
import { PLAIN } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { plainText } from '../write-path/state.ts';
import {
  bothRewrote,
  type Conflicted,
  openConflicted,
  overwritten,
  refusedPush,
  staleSave,
} from './conflicted.ts';

let app: Conflicted;
beforeEach(async () => {
  app = await openConflicted();
});

const recovered = (document: string, options: object) =>
  app.controlling((controller) => controller.recover(document, options));
const content = async (document: string, options: object): Promise<unknown> =>
  JSON.parse((await recovered(document, options)).text);
const words = async (document: string, options: object): Promise<string> =>
  plainText(await content(document, options));
const kept = async (document: string) =>
  (await app.controlling((controller) => controller.kept(document))).kept;

describe('recover gives back', () => {
  it('what an unknown save overwrote, by revision, by time and by conflict', async () => {
    const id = await overwritten(app, 'a');
    const draft = 'a draft of many good words that took a whole week';
    expect(await words('a', { conflict: id })).toBe(draft);
    expect(await words('a', { revision: '1' })).toBe(draft);
    const seeded = (await kept('a')).find(({ origin }) => origin === 'seed');
    expect(await words('a', { at: seeded?.at })).toBe(draft);
    expect(await words('a', { conflict: id, side: 'legacy' })).toBe('nothing alike stands here');
  });

  it('what was sent of a merged save, and what it was merged with', async () => {
    const id = await staleSave(app, 'a');
    const sent = paragraphs('zero one two three four last', 'untouched');
    expect(await content('a', { revision: '3' })).toEqual(sent);
    expect(await content('a', { conflict: id })).toEqual(sent);
    expect(await words('a', { revision: '1' })).toContain('zero one two three four five');
    expect(await words('a', { revision: '2' })).toContain('first one two three four five');
    expect(await words('a', { revision: '4' })).toContain('first one two three four last');
    expect(await words('a', { conflict: id, side: 'base' })).toContain('zero one two three four five');
    expect(await words('a', { conflict: id, side: 'local-first' })).toContain(
      'first one two three four five',
    );
    expect(await words('a', { conflict: id, side: 'result' })).toContain('first one two three four last');
  });

  it('what was sent of a save that merged cleanly', async () => {
    await app.insert('a', 'one', 'two');
    await app.documents.save({ id: 'a', content: paragraphs('one first', 'two'), baseRevision: 1 });
    const merged = await app.documents.save({
      id: 'a',
      content: paragraphs('one', 'two second'),
      baseRevision: 1,
    });
    expect(merged).toMatchObject({ outcome: 'merged', revision: 3 });
    expect(merged.conflict).toBeUndefined();
    expect(await content('a', { revision: '3' })).toEqual(paragraphs('one', 'two second'));
  });

  it('what a device pushed into a merge, and what the server had', async () => {
    const id = await bothRewrote(app, 'a');
    expect(await words('a', { conflict: id })).toBe('offline somebody typed quite another text');
    expect(await words('a', { conflict: id, side: 'legacy' })).toBe('legacy wrote this paragraph all anew');
  });

  it('of a resolved conflict the side that was not kept', async () => {
    const [one, two] = [await bothRewrote(app, 'a'), await staleSave(app, 'b')];
    await app.controlling(async (controller) => {
      await controller.resolveConflict(one, 'local-first');
      await controller.resolveConflict(two, 'legacy');
    });
    expect(await words('a', { conflict: one })).toBe('legacy wrote this paragraph all anew');
    expect(await words('b', { conflict: two })).toContain('first one two three four five');
  });

  it('an update that was refused, as the document with it, and its bytes where it fits nothing', async () => {
    const id = await refusedPush(app, 'a');
    expect(await recovered('a', { conflict: id })).toMatchObject({ form: 'content', device: 'tablet' });
    expect(await words('a', { conflict: id })).toContain('refused words');
    const poison = Buffer.from([1, 1, 5, 0, 0, 250]);
    await expect(
      app.documents.push({ id: 'a', deviceId: 'tablet', seq: 9, update: poison }),
    ).rejects.toMatchObject({ code: 'update-rejected' });
    const rejected = (await kept('a')).find(({ key }) => key.startsWith('r'));
    const { form, text } = await recovered('a', { kept: rejected?.key });
    expect({ form, text }).toEqual({ form: 'update', text: poison.toString('base64') });
  });

  it('what a restored backup typed under ids that were taken', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    const backup = Y.encodeStateAsUpdate(device.doc);
    device.paragraph(0).insert(3, ' lost device');
    await device.push();
    const restored = new Device(app.documents, 'a', 'phone', 'session 2');
    Y.applyUpdate(restored.doc, backup, 'server');
    restored.doc.clientID = device.doc.clientID;
    restored.paragraph(0).insert(3, ' backup words');
    const { outcome, conflict } = await restored.push();
    expect(outcome).toBe('quarantined');
    expect(await words('a', { conflict })).toContain('backup words');
    expect(await app.texts('a')).toEqual(['one lost device']);
  });

  it('an update that still waits for an earlier one, once that has come', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    const updates: Uint8Array[] = [];
    device.doc.on('update', (update: Uint8Array) => updates.push(update));
    device.paragraph(0).insert(3, ' two');
    device.paragraph(0).insert(7, ' three');
    const [first = new Uint8Array(), second = new Uint8Array()] = updates;
    const names = { id: 'a', deviceId: 'phone', session: 'session 1' };
    await app.documents.push({ ...names, seq: 2, update: second });
    const waiting = (await kept('a')).find(({ apart }) => apart === 'pending');
    expect(await recovered('a', { kept: waiting?.key })).toMatchObject({ form: 'update' });
    await app.documents.push({ ...names, seq: 1, update: first });
    expect(await words('a', { kept: waiting?.key })).toBe('one two three');
    const [, before] = (await kept('a')).filter(({ kind }) => kind === 'document');
    expect(await words('a', { at: new Date().toISOString() })).toBe('one two three');
    expect(await words('a', { at: before?.at })).toBe('one two');
  });

  it('each plain write, where several came between two looks', async () => {
    await app.insert('a', 'one');
    await app.documents.load({ id: 'a' });
    await app.documents.pull({ id: 'a', deviceId: 'phone' });
    await app.write('a', 'two');
    await app.write('a', 'three');
    await app.documents.pull({ id: 'a', deviceId: 'phone' });
    for (const [revision, text] of [
      ['1', 'one'],
      ['2', 'two'],
      ['3', 'three'],
    ])
      expect(await words('a', { revision })).toBe(text);
  });

  it('a plain write that was merged with what was pushed', async () => {
    await app.insert('a', 'one', 'two');
    const device = await Device.open(app.documents, 'a', 'phone');
    device.paragraph(1).insert(3, ' pushed');
    await device.push();
    await app.write('a', 'one by sql', 'two');
    await device.pull();
    expect((await app.texts('a')).join()).toContain('pushed');
    expect(await content('a', { revision: '3' })).toEqual(paragraphs('one by sql', 'two'));
    const [conflict] = (await app.controlling((controller) => controller.conflicts())).conflicts;
    expect(await content('a', { conflict: conflict?.id })).toEqual(paragraphs('one by sql', 'two'));
  });

  it('content that did not convert, as it was sent', async () => {
    await app.insert('a', 'one');
    await app.documents.pull({ id: 'a', deviceId: 'phone' });
    await app.sql(`update dualpath.documents set authority = 'local-first'`);
    const broken = { type: 'doc', content: 'words that are no blocks' };
    await expect(app.documents.save({ id: 'a', content: broken })).rejects.toMatchObject({
      code: 'invalid-content',
    });
    const rejected = (await kept('a')).find(({ key }) => key.startsWith('r'));
    expect(await content('a', { kept: rejected?.key })).toEqual(broken);
  });

  it('a push for a deleted document, and every version that it had', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    await app.documents.save({ id: 'a', content: paragraphs('one saved'), baseRevision: 1 });
    device.paragraph(0).insert(3, ' pushed late');
    await app.sql('delete from documents');
    await expect(device.push()).rejects.toMatchObject({ code: 'deleted' });
    await catchUp(app.pool, app.stores);
    const report = await app.controlling((controller) => controller.kept('a'));
    expect(report.deletedAt).toEqual(expect.any(String));
    const rejected = report.kept.find(({ key }) => key.startsWith('r'));
    expect(await words('a', { kept: rejected?.key })).toContain('pushed late');
    expect(await words('a', { revision: '1' })).toBe('one');
    expect(await words('a', { revision: '2' })).toBe('one saved');
  });

  it('a save for a deleted document', async () => {
    await app.insert('a', 'one');
    await app.documents.save({ id: 'a', content: paragraphs('one went on'), baseRevision: 1 });
    await app.sql('delete from documents');
    const late = app.documents.save({
      id: 'a',
      content: paragraphs('one late'),
      baseRevision: 2,
      deviceId: 'desk',
    });
    await expect(late).rejects.toMatchObject({ code: 'deleted' });
    const [rejected] = (await kept('a')).filter(({ key }) => key.startsWith('r'));
    expect(rejected).toMatchObject({ device: 'desk' });
    expect(await words('a', { kept: rejected?.key })).toBe('one late');
  });

  it('what a device wrote after an update that was refused, with the words of that', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    await app.sql(`alter table documents add check (content::text not like '%forbidden%')`);
    device.append('forbidden');
    await device.push();
    device.append('later');
    const { conflict } = await device.push();
    expect(await words('a', { conflict })).toBe('oneforbiddenlater');
  });

  it('an update that holds what the format has no place for, and what was written on it: without that, and it says so', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    device.paragraph(0).insertEmbed(0, { src: 'x' });
    device.paragraph(0).insert(1, 'beside it ');
    const refused = await device.push();
    device.append('later');
    const later = await device.push();
    device.paragraph(0).delete(0, 1);
    const mended = await device.push();
    const found = async ({ serverSeq }: { readonly serverSeq: number }) => {
      const { form, leftOut } = await recovered('a', { kept: `u${serverSeq}` });
      return { form, leftOut, words: await words('a', { kept: `u${serverSeq}` }) };
    };
    expect(await found(refused)).toEqual({ form: 'content', leftOut: 1, words: 'beside it one' });
    expect(await found(later)).toEqual({ form: 'content', leftOut: 1, words: 'beside it onelater' });
    expect(await found(mended)).toEqual({ form: 'content', leftOut: 0, words: 'beside it onelater' });
    expect(mended.conflict).toBe(later.conflict);
    expect(await words('a', { conflict: later.conflict })).toBe('beside it onelater');
  });

  it('of an update that came again in a whole replica, and says that it is part of the document', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    await app.sql(`alter table documents add constraint tidy check (content::text not like '%forbidden%')`);
    device.append('forbidden');
    const { conflict = '' } = await device.push();
    const isIn = async () =>
      (await app.controlling((controller) => controller.conflict(conflict))).update?.joined;
    expect(await isIn()).toBe(false);
    await app.sql('alter table documents drop constraint tidy');
    const update = Y.encodeStateAsUpdate(device.doc);
    await app.documents.push({ id: 'a', deviceId: 'phone', session: 'session 2', seq: 1, update });
    expect(await isIn()).toBe(true);
  });

  it('an update that writes elsewhere than in the document, as bytes and not as an empty document', async () => {
    await app.insert('a', 'one');
    const device = await Device.open(app.documents, 'a', 'phone');
    const other = new Y.Doc();
    other.getMap('default').set('word', 'hidden');
    const update = Y.encodeStateAsUpdate(other);
    const pushed = await app.documents
      .push({ id: 'a', deviceId: device.name, seq: 1, update })
      .catch(() => null);
    const [apart] = (await kept('a')).filter(({ origin, key }) => origin === 'push' || key.startsWith('r'));
    expect(pushed?.outcome ?? 'rejected').not.toBe('applied');
    expect(await recovered('a', { kept: apart?.key })).toMatchObject({
      form: 'update',
      text: Buffer.from(update).toString('base64'),
    });
  });

  it('an earlier life of a document that another owner created again, and a push that came too late for it', async () => {
    await app.insert('a', 'first life');
    const device = await Device.open(app.documents, 'a', 'phone');
    await app.documents.save({ id: 'a', content: paragraphs('first life went on'), baseRevision: 1 });
    await device.pull();
    device.paragraph(0).insert(0, 'late ');
    await app.sql('delete from documents');
    await app.documents.pull({ id: 'a', deviceId: 'desk' }).catch(() => undefined);
    await app.sql(
      'insert into documents (id, owner_id, content) values ($1, $2, $3)',
      'a',
      'u-2',
      paragraphs('second life'),
    );
    await app.documents.pull({ id: 'a', deviceId: 'desk' });
    await expect(device.push()).rejects.toMatchObject({ code: 'lineage-ended' });
    expect(await app.texts('a')).toEqual(['second life']);
    expect(await words('a', { revision: '2' })).toBe('first life went on');
    const rejected = (await kept('a')).find(({ key }) => key.startsWith('r'));
    expect(await words('a', { kept: rejected?.key })).toBe('late first life went on');
  });

  it('what a resolution replaced', async () => {
    const id = await staleSave(app, 'a');
    await app.controlling((controller) => controller.resolveConflict(id, 'legacy'));
    expect(await words('a', { revision: '4' })).toContain('first one two three four last');
    expect(await words('a', { revision: '5' })).toContain('zero one two three four last');
  });
});

describe('recover asks for more', () => {
  it('where two contents bore one number: 2, and a command for each', async () => {
    await app.insert('a', 'one');
    await app.documents.pull({ id: 'a', deviceId: 'phone' });
    await app.sql('update documents set content = $1', paragraphs('two'));
    await app.documents.pull({ id: 'a', deviceId: 'phone' });
    const result = await runHere(['recover', 'a', '--revision', '1', '--json', '--config', app.file]);
    expect(result.exit).toBe(2);
    expect(documentOf(result)).toMatchObject({
      error: {
        ...ERROR.error,
        code: 'ambiguous-revision',
        remedy: 'Take one of them with `dualpath recover a --kept u2` or `dualpath recover a --kept u1`.',
      },
    });
    expect(await words('a', { kept: 'u1' })).toBe('one');
    expect(await words('a', { kept: 'u2' })).toBe('two');
  });

  it('where nothing is that version: 2, and how to see what is', async () => {
    const id = await staleSave(app, "it's a");
    for (const options of [{ revision: '99' }, { at: '2001-01-01' }, { kept: 'u99' }, { kept: 'v1x' }])
      await expect(recovered("it's a", options)).rejects.toMatchObject({
        code: 'not-kept',
        exitCode: 2,
        remedy: "See `dualpath recover 'it'\\''s a'` for what is kept.",
      });
    await expect(recovered('other', { conflict: id })).rejects.toMatchObject({ code: 'no-such-conflict' });
    await expect(recovered('other', { revision: '1' })).rejects.toMatchObject({ code: 'not-kept' });
    await expect(recovered("it's a", { at: 'yesterday' })).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
    });
    await expect(recovered("it's a", { revision: 'r1' })).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
    });
  });
});

describe('recover on the command line', () => {
  const run = (...words: readonly string[]) => runHere([...words, '--config', app.file]);

  it('prints the version and nothing else, so that it can be kept in a file', async () => {
    await staleSave(app, 'a');
    const { stdout, stderr, exit } = await run('recover', 'a', '--revision', '3');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(paragraphs('zero one two three four last', 'untouched'));
  });

  it('lists what there is without content', async () => {
    const id = await staleSave(app, 'a');
    const { stdout } = await run('recover', 'a');
    expect(stdout).not.toContain('three');
    expect(stdout).toContain('save of tablet, as it was sent');
    expect(stdout).toContain(`dualpath recover a --conflict ${id}`);
    const report = documentOf(await run('recover', 'a', '--json'));
    expect(report).toMatchObject({
      document: 'a',
      deletedAt: null,
      kept: expect.arrayContaining([
        expect.objectContaining({ key: 'u1', revision: '1', origin: 'seed', bytes: expect.any(Number) }),
      ]),
      conflicts: [{ id, class: 'notice' }],
    });
    expect(JSON.stringify(report)).not.toContain('three');
  });

  it('refuses two versions at once, and a side of nothing', async () => {
    expect(await run('recover', 'a', '--revision', '1', '--at', '2026-01-01')).toMatchObject({ exit: 2 });
    expect(await run('recover', 'a', '--side', 'base')).toMatchObject({ exit: 2 });
    expect(await run('recover', 'a', '--conflict', '1', '--side', 'mine')).toMatchObject({ exit: 2 });
  });
});

describe('a table without a revision', () => {
  it('has our numbers', async () => {
    app = await openConflicted(
      {
        documents: { columns: { id: 'id', owner: 'owner_id', content: 'content', updated_at: 'updated_at' } },
      },
      PLAIN,
    );
    await app.insert('a', 'zero one two three four five');
    const first = await app.documents.save({
      id: 'a',
      content: paragraphs('first one two three four five'),
      baseRevision: 1,
    });
    const second = await app.documents.save({
      id: 'a',
      content: paragraphs('zero one two three four last'),
      baseRevision: 1,
    });
    expect([first.revision, second.revision, second.head.revision]).toEqual([2, 3, 4]);
    expect(await words('a', { revision: '2' })).toBe('first one two three four five');
    expect(await words('a', { revision: '3' })).toBe('zero one two three four last');
    expect(await words('a', { revision: '4' })).toBe('first one two three four last');
  });
});
