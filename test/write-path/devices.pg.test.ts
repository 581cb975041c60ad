import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { setAuthority } from '../../src/rollout/authority.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

/** Devices that were away: wherever their documents went meanwhile, their work is in the document or in a named record. */
let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one', 'two');
});

/** Moves the document as a flip or a rollback does. */
const move = (to: 'legacy' | 'local-first') => inTransaction(store.pool, (tx) => setAuthority(tx, ['a'], to));
const stage = (name: string) => store.sql('update dualpath.cohorts set stage = $1', name);

/** A person at a desk who saves by the old editor, on what they loaded. */
async function saveAtDesk(change: (texts: readonly string[]) => readonly string[]) {
  const { revision } = await store.documents.load({ id: 'a', deviceId: 'desk' });
  return store.documents.save({
    id: 'a',
    content: paragraphs(...change(await store.texts('a'))),
    deviceId: 'desk',
    baseRevision: revision ?? 0,
  });
}

/** A device with the stored replica of another one, as of that moment. */
function copyOf(device: Device, session: string): Device {
  const copy = new Device(store.documents, 'a', device.name, session);
  Y.applyUpdate(copy.doc, Y.encodeStateAsUpdate(device.doc), 'server');
  return copy;
}

describe('a device that was offline', () => {
  test.each([
    ['a flip', ['local-first']],
    ['a rollback', ['legacy']],
    ['a flip and a rollback', ['local-first', 'legacy']],
    ['a flip, a rollback and another flip', ['local-first', 'legacy', 'local-first']],
  ] as const)('across %s finds its work and everybody else’s in both stores', async (_, moves) => {
    const device = await Device.open(store.documents, 'a', 'phone');
    if (moves[0] === 'legacy') await move('local-first');
    device.paragraph(0).insert(3, ' offline');
    for (const [index, to] of moves.entries()) {
      await move(to);
      await saveAtDesk((texts) => [...texts, `desk${index}`]);
    }
    device.append('later');
    await device.push();
    const texts = await store.texts('a');
    expect([...texts].sort()).toEqual(
      ['later', 'one offline', 'two', ...moves.map((_move, index) => `desk${index}`)].sort(),
    );
  });

  test('for a week may push its updates one at a time, in any split, and ends as though it never was away', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    const updates: Uint8Array[] = [];
    device.doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let day = 1; day <= 7; day += 1) {
      device.paragraph(0).insert(3, ` day${day}`);
      if (day === 4) device.paragraph(1).delete(0, 3);
    }
    await saveAtDesk(([first, ...rest]) => [first ?? '', 'desk', ...rest]);
    for (const [index, update] of updates.entries()) {
      const { outcome } = await store.documents.push({
        id: 'a',
        deviceId: 'phone',
        session: 'session 1',
        seq: index + 1,
        update,
      });
      expect(['applied', 'merged']).toContain(outcome);
    }
    expect(await store.texts('a')).toEqual(['one day7 day6 day5 day4 day3 day2 day1', 'desk', '']);
  });

  test('and pulls before it pushes keeps what it typed into a paragraph deleted meanwhile', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    device.paragraph(1).insert(3, ' typed');
    await saveAtDesk(([first]) => [first ?? '']);
    await device.pull();
    await device.push();
    expect((await store.texts('a')).join(' ')).toContain('typed');
  });

  test('and pulls before it sends what it lacks as a difference keeps that, too', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    device.paragraph(1).insert(3, ' typed');
    await saveAtDesk(([first]) => [first ?? '']);
    await device.pull();
    const { stateVector } = await store.documents.pull({ id: 'a', deviceId: 'looker' });
    const update = Y.encodeStateAsUpdate(device.doc, stateVector);
    await store.documents.push({ id: 'a', deviceId: 'phone', session: 'session 1', seq: 1, update });
    expect((await store.texts('a')).join(' ')).toContain('typed');
  });

  test('and pulls before it pushes deletes of a paragraph only what it saw there', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    device.fragment.delete(1, 1);
    const other = await Device.open(store.documents, 'a', 'tablet');
    other.paragraph(1).insert(3, ' unseen');
    await other.push();
    await device.pull();
    await device.push();
    const text = (await store.texts('a')).join(' ');
    expect(text).toContain('unseen');
    expect(text).not.toContain('two');
  });
});

describe('a device that is not what it was', () => {
  test('restored from an old backup sends again what it had sent, and new work beside it', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    const backup = copyOf(device, 'session 1');
    device.append('sent');
    await device.push();
    await saveAtDesk((texts) => [...texts, 'desk']);
    // The backup counts from where it was, and under the same session.
    backup.append('restored');
    expect((await backup.push()).outcome).not.toBe('duplicate');
    await backup.pull();
    expect([...(await store.texts('a'))].sort()).toEqual(['desk', 'one', 'restored', 'sent', 'two']);
  });

  test('restored sends its last update again as a difference, of which only the deletions are left: no word goes', async () => {
    const pulled = await store.documents.pull({ id: 'a', deviceId: 'phone', session: 'session 1' });
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdate(doc, pulled.update);
    const known = Y.encodeStateVector(doc);
    const push = (seq: number, update: Uint8Array) =>
      store.documents.push({
        ...{ id: 'a', deviceId: 'phone', session: 'session 1', seq, update },
        baseSeq: pulled.serverSeq,
      });
    const block = (index: number) => doc.getXmlFragment('default').get(index) as Y.XmlElement;
    (block(0).get(0) as Y.XmlText).delete(0, 1);
    const first = Y.encodeStateAsUpdate(doc, known);
    const joined: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => joined.push(update));
    (block(0).get(0) as Y.XmlText).insert(2, ' two');
    doc.getXmlFragment('default').delete(1, 1);
    await push(1, first);
    await push(2, Y.mergeUpdates(joined));
    await saveAtDesk((texts) => [...texts, 'desk']);
    const { stateVector } = await push(1, first);
    const again = await push(2, Y.encodeStateAsUpdate(doc, stateVector));
    expect(again.outcome).toBe('applied');
    expect(await store.texts('a')).toEqual(['ne two', 'desk']);
  });

  test('restored, and opened again under a name that it had used, asks a person where it met others', async () => {
    const first = await Device.open(store.documents, 'a', 'phone', 'first');
    const backup = copyOf(first, 'first');
    const second = copyOf(first, 'second');
    second.append('sent');
    await second.push();
    await second.pull();
    await saveAtDesk((texts) => [...texts, 'desk']);
    await backup.pull();
    // The desk takes the paragraph apart that the device is typing in.
    const again = copyOf(backup, 'second');
    await saveAtDesk((texts) => texts.flatMap((text) => (text === 'one' ? ['o', 'ne'] : [text])));
    again.paragraph(0).insert(3, ' typed');
    expect(await again.push()).toMatchObject({ outcome: 'merged' });
    const conflicts = await store.sql(`select class, reasons from dualpath.conflicts order by id`);
    expect(conflicts).toMatchObject([
      { class: 'needs-review', reasons: expect.arrayContaining(['base-inferred']) },
    ]);
  });

  test('restored with its client id writes under clocks that are taken: what it wrote is kept and named', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    const backup = copyOf(device, 'session 1');
    backup.doc.clientID = device.doc.clientID;
    device.append('sent');
    await device.push();
    backup.append('restored');
    const pushed = await backup.push();
    expect(pushed).toMatchObject({ outcome: 'quarantined', conflict: expect.any(String) });
    expect(await store.texts('a')).toEqual(['one', 'two', 'sent']);
    const kept = await store.sql('select payload from dualpath.updates where seq = $1', pushed.serverSeq);
    expect(Buffer.from(kept[0]?.payload as Uint8Array).includes('restored')).toBe(true);
  });

  test('with two tabs has the work of both, whichever pushes first', async () => {
    const tab = await Device.open(store.documents, 'a', 'phone', 'tab 1');
    tab.paragraph(0).insert(3, ' first');
    const twin = copyOf(tab, 'tab 2');
    twin.paragraph(0).insert(9, ' second');
    expect((await twin.push()).outcome).toBe('pending');
    expect((await tab.push()).outcome).toBe('applied');
    expect(await store.texts('a')).toEqual(['one first second', 'two']);
  });

  test('without names for its sessions may have two tabs as well', async () => {
    const tabs = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
    const { update } = await store.documents.pull({ id: 'a', deviceId: 'phone' });
    for (const [index, doc] of tabs.entries()) {
      Y.applyUpdate(doc, update);
      const before = Y.encodeStateVector(doc);
      const paragraph = new Y.XmlElement('paragraph');
      paragraph.insert(0, [new Y.XmlText(`tab${index}`)]);
      doc.getXmlFragment('default').push([paragraph]);
      const sent = Y.encodeStateAsUpdate(doc, before);
      await store.documents.push({ id: 'a', deviceId: 'phone', seq: 1, update: sent });
    }
    expect([...(await store.texts('a'))].sort()).toEqual(['one', 'tab0', 'tab1', 'two']);
  });

  test('opened again sends what another session wrote under a client id of its own, once', async () => {
    const device = await Device.open(store.documents, 'a', 'phone', 'monday');
    const before = Y.encodeStateVector(device.doc);
    device.append('monday');
    const again = copyOf(device, 'tuesday');
    again.append('tuesday');
    const update = Y.encodeStateAsUpdate(again.doc, before);
    await store.documents.push({ id: 'a', deviceId: 'phone', session: 'tuesday', seq: 1, update });
    // The first session's own try comes late.
    await device.push();
    expect(await store.texts('a')).toEqual(['one', 'two', 'monday', 'tuesday']);
  });
});

describe('after `complete`', () => {
  let device: Device;
  let shown: number;
  beforeEach(async () => {
    device = await Device.open(store.documents, 'a', 'phone');
    shown = (await store.documents.load({ id: 'a', deviceId: 'desk' })).revision ?? 0;
    await move('local-first');
    await stage('completed');
  });
  const rowText = async () => JSON.stringify((await store.sql('select content from documents'))[0]);
  const loaded = async () => JSON.stringify((await store.documents.load({ id: 'a' })).content);

  test('a push is taken, the mirror stands still, and a load is answered from local-first', async () => {
    device.append('late');
    expect((await device.push()).outcome).toBe('applied');
    expect(await rowText()).not.toContain('late');
    expect(await loaded()).toContain('late');
  });

  test('a stale save is merged with what was pushed, and what it sent is not lost', async () => {
    device.append('late');
    await device.push();
    const saved = await store.documents.save({
      id: 'a',
      content: paragraphs('one stale', 'two'),
      baseRevision: shown,
      deviceId: 'desk',
    });
    expect(saved.outcome).toBe('merged');
    expect(saved.head.content).toEqual(paragraphs('one stale', 'two', 'late'));
    const { content } = await store.documents.load({ id: 'a' });
    expect(content).toEqual(paragraphs('one stale', 'two', 'late'));
    await device.pull();
    expect(device.paragraph(0).toString()).toBe('one stale');
  });

  test('the next save of a client that never learns of merges goes on from what it sent', async () => {
    device.append('late');
    await device.push();
    const first = await store.documents.save({
      id: 'a',
      content: paragraphs('one', 'two', 'x'),
      baseRevision: shown,
    });
    const second = await store.documents.save({
      id: 'a',
      content: paragraphs('one', 'two', 'x y'),
      baseRevision: first.revision ?? 0,
    });
    expect(second.outcome).toBe('merged');
    expect((await loaded()).split('late')).toHaveLength(2);
    expect(await loaded()).toContain('x y');
  });
});
