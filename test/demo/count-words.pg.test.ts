import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Device, openDevice } from '../../src/demo/device.ts';
import { type LegacyTab, openLegacyTab } from '../../src/demo/legacy-tab.ts';
import type { DocumentStore } from '../../src/index.ts';
import { paragraphs } from '../support/device.ts';
import { type OneDocument, openOneDocument } from './school.ts';

let folder: string;
let school: OneDocument;
let device: Device;
let tab: LegacyTab;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dualpath-count-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  school = await openOneDocument(folder);
  const { pool, documents } = school.day;
  const { id } = school.document;
  device = await openDevice(pool, documents, { id, device: 'laptop' });
  tab = await openLegacyTab(pool, documents, { id, device: 'library', shows: 'head' });
});

const SOUND = { unsettled: 0, lost: 0, doubled: 0 };
const sql = (text: string, ...values: readonly unknown[]) => school.store.sql(text, ...values);
const setRow = (...texts: readonly string[]) =>
  sql('update public.documents set content = $1', paragraphs(...texts));

/** A server that commits what it is asked, and whose answer never comes. */
const speechless = (documents: DocumentStore): DocumentStore => {
  const silently =
    <A extends readonly unknown[]>(call: (...input: A) => Promise<unknown>) =>
    async (...input: A): Promise<never> => {
      await call(...input);
      throw new Error('no answer');
    };
  return { ...documents, save: silently(documents.save), push: silently(documents.push) };
};

describe('the demo counts a word', () => {
  it('of either editor that stands once in both stores as it should be', async () => {
    await device.type('bottom');
    await device.push();
    await tab.type('top');
    await tab.save();
    expect(await school.count()).toEqual({ words: 2, ...SOUND });
  });

  it('as unsettled until it is acknowledged, and a second try settles it without doubling it', async () => {
    await tab.type('top');
    await device.type('bottom');
    expect(await school.count()).toEqual({ ...SOUND, words: 2, unsettled: 2 });
    const server = speechless(school.day.documents);
    await expect(tab.save(server)).rejects.toThrow('no answer');
    await expect(device.push(server)).rejects.toThrow('no answer');
    expect(await school.count()).toEqual({ ...SOUND, words: 2, unsettled: 2 });
    expect(await tab.save()).toMatchObject({ outcome: 'duplicate' });
    expect(await device.push()).toMatchObject({ outcome: 'duplicate' });
    expect(await school.count()).toEqual({ words: 2, ...SOUND });
  });

  it('as lost when it is missing in the legacy row alone', async () => {
    await device.type('bottom');
    await device.push();
    await setRow('nothing of it');
    expect(await school.count()).toEqual({ ...SOUND, words: 1, lost: 1 });
  });

  it('as lost when it is missing in the state alone, and when nobody can read that', async () => {
    await tab.type('top');
    await tab.save();
    const empty = Buffer.from(Y.encodeStateAsUpdate(new Y.Doc()));
    for (const state of [empty, Buffer.from('no state')]) {
      await sql('update local_first.documents set state = $1', state);
      expect(await school.count()).toEqual({ ...SOUND, words: 1, lost: 1 });
    }
  });

  it('as doubled when it stands twice in one store', async () => {
    await tab.type('top');
    await tab.save();
    const [row] = await sql('select word from public.written_words');
    await setRow(`${row?.word} and ${row?.word}`);
    expect(await school.count()).toEqual({ ...SOUND, words: 1, doubled: 1 });
  });

  it('acknowledged after its cohort was completed in the local-first store alone', async () => {
    await device.type('bottom');
    await device.push();
    await school.enter('completed');
    await device.type('bottom');
    await device.push();
    expect(await school.count()).toEqual({ words: 2, ...SOUND });
    await setRow('nothing of it');
    expect(await school.count()).toEqual({ ...SOUND, words: 2, lost: 1 });
  });
});
