import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { DualpathError } from '../../src/index.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore({ documents: { where: 'deleted_at is null' } });
  await store.insert('a', 'one');
});

const push = (update: Uint8Array, more: object = {}) =>
  store.documents.push({ id: 'a', deviceId: 'phone', session: 's', seq: 1, update, ...more });
const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.then(
    (value) => value,
    (thrown: unknown) => thrown,
  );
  return error instanceof DualpathError ? [error.code, error.details.reason].filter(Boolean) : error;
};
const rejected = () => store.sql('select reason, payload from dualpath.rejected order by id');
const genuine = async (): Promise<Uint8Array> => {
  const device = await Device.open(store.documents, 'a', 'phone', 's');
  device.append('genuine work');
  return device.takeUnsent();
};

describe('an update that is damaged', () => {
  test('is rejected when it is cut off, kept, and the genuine one is taken after it', async () => {
    const update = await genuine();
    const cut = update.subarray(0, update.length - 3);
    expect(await codeOf(push(cut))).toEqual(['update-rejected', 'truncated']);
    expect(await rejected()).toEqual([{ reason: 'truncated', payload: Buffer.from(cut) }]);
    expect(await push(update)).toMatchObject({ outcome: 'applied' });
    expect(await store.texts('a')).toEqual(['one', 'genuine work']);
  });

  test('is rejected when its bytes are not those that the device committed to', async () => {
    const { createHash } = await import('node:crypto');
    const update = await genuine();
    const nonce = new Uint8Array(16).fill(7);
    const sha = (...parts: Uint8Array[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    const commit = sha(sha(nonce, update));
    const flipped = Uint8Array.from(update);
    const last = flipped.length - 4;
    flipped[last] = (flipped[last] ?? 0) ^ 1;
    expect(await codeOf(push(flipped, { nonce, commit }))).toContain('update-rejected');
    expect(await push(update, { nonce, commit })).toMatchObject({ outcome: 'applied' });
  });

  test('is rejected when it is no update at all', async () => {
    await genuine();
    expect(await codeOf(push(new TextEncoder().encode('hello')))).toContain('update-rejected');
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('is rejected when it is larger than a document may be, and not kept', async () => {
    const doc = new Y.Doc();
    doc.getXmlFragment('default').insert(0, [new Y.XmlText('x'.repeat(40 * 1024 * 1024))]);
    expect(await codeOf(push(Y.encodeStateAsUpdate(doc)))).toEqual(['update-rejected', 'too-large']);
    expect(await rejected()).toEqual([]);
  });
});

describe('an update that no document can hold', () => {
  test('is rejected when it nests deeper than editors can open', async () => {
    const device = await Device.open(store.documents, 'a', 'phone', 's');
    let parent: Y.XmlFragment = device.fragment;
    for (let depth = 0; depth < 600; depth += 1) {
      const child = new Y.XmlElement('blockquote');
      parent.insert(0, [child]);
      parent = child;
    }
    expect(await codeOf(push(device.takeUnsent()))).toContain('update-rejected');
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('is rejected when it writes another root', async () => {
    const device = await Device.open(store.documents, 'a', 'phone', 's');
    device.doc.getMap('comments').set('a', 1);
    expect(await codeOf(push(device.takeUnsent()))).toContain('update-rejected');
  });

  test('is set apart when it writes under the client id of another device', async () => {
    const phone = await Device.open(store.documents, 'a', 'phone');
    phone.append('mine');
    await phone.push();
    phone.append('relayed');
    const update = phone.takeUnsent();
    expect(await push(update, { deviceId: 'tablet' })).toMatchObject({ outcome: 'quarantined' });
    expect(await store.texts('a')).toEqual(['one', 'mine']);
    expect(await store.sql('select apart from dualpath.updates where apart is not null')).toEqual([
      { apart: 'foreign-client' },
    ]);
  });

  test('is set apart when the legacy table refuses what it leads to', async () => {
    await store.sql(`alter table documents add check (content::text not like '%forbidden%')`);
    const device = await Device.open(store.documents, 'a', 'phone', 's');
    device.append('forbidden');
    expect(await push(device.takeUnsent())).toMatchObject({ outcome: 'quarantined' });
    expect(await store.texts('a')).toEqual(['one']);
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.append('allowed');
    expect((await other.push()).outcome).toBe('applied');
    expect(await store.texts('a')).toEqual(['one', 'allowed']);
  });
});

describe('a document that is not there', () => {
  test('is said to be not found, deleted, not enrolled or quarantined, and the work is kept', async () => {
    const update = await genuine();
    const strange = (id: string) => codeOf(push(update, { id }));
    expect(await strange('nobody')).toEqual(['not-found']);
    await store.sql(
      `insert into documents (id, owner_id, content) values ('held', 'u-1', '{"type": "doc", "content": 7}')`,
    );
    expect(await strange('held')).toContain('quarantined');
    await store.sql(`update documents set deleted_at = now() where id = 'a'`);
    expect(await strange('a')).toEqual(['deleted']);
    const planned = await openStore({ stages: { everyone: 'planned' } });
    await planned.insert('a', 'one');
    const input = { id: 'a', deviceId: 'phone', seq: 1, update };
    expect(await codeOf(planned.documents.push(input))).toEqual(['not-enrolled']);
    expect(await codeOf(planned.documents.pull(input))).toEqual(['not-enrolled']);
    expect((await rejected()).map(({ reason }) => reason)).toEqual(['quarantined', 'deleted']);
    expect(await codeOf(store.documents.load({ id: 'a' }))).toEqual(['deleted']);
    expect(await codeOf(store.documents.save({ id: 'nobody', content: paragraphs('x') }))).toEqual([
      'not-found',
    ]);
  });
});

describe('a save of what is no content', () => {
  test('is refused where no column could hold it', async () => {
    expect(await codeOf(store.documents.save({ id: 'a', content: undefined }))).toEqual(['bad-argument']);
    expect(await codeOf(store.documents.save({ id: 'a', content: () => 1 }))).toEqual(['invalid-content']);
    expect(await store.texts('a').catch(() => ['one'])).toEqual(['one']);
  });

  test('is written as ever while legacy is right, and its document quarantined until it converts again', async () => {
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    const saved = await store.documents.save({ id: 'a', content: { type: 'doc', content: 7 } });
    expect(saved).toMatchObject({ outcome: 'quarantined', revision: 2 });
    expect(await store.sql(`select content->>'content' as content from documents`)).toEqual([
      { content: '7' },
    ]);
    const device = await codeOf(store.documents.pull({ id: 'a', deviceId: 'phone' }));
    expect(device).toContain('quarantined');
    const mended = await store.documents.save({ id: 'a', content: paragraphs('one mended') });
    expect(mended.outcome).toBe('saved');
    expect(await store.texts('a')).toEqual(['one mended']);
  });

  test('is refused and kept while local-first is right', async () => {
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    await store.sql(`update dualpath.documents set authority = 'local-first'`);
    expect(await codeOf(store.documents.save({ id: 'a', content: { type: 'doc', content: 7 } }))).toContain(
      'invalid-content',
    );
    expect(await store.texts('a')).toEqual(['one']);
    expect((await rejected()).map(({ payload }) => String(payload))).toEqual(['{"type":"doc","content":7}']);
  });

  test('a wrong argument is said before anything is asked', async () => {
    const wrong = { id: 'a', content: paragraphs('x'), baseRevision: 1.5 };
    expect(await codeOf(store.documents.save(wrong))).toEqual(['bad-argument']);
  });
});
