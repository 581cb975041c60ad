import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { setAuthority } from '../../src/rollout/authority.ts';
import { lockProven } from '../../src/rollout/cutover.ts';
import { look } from '../../src/verify/look.ts';
import { recordFindings } from '../../src/verify/record.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

/** The ten promises of the write path, a test each. What is random in them has suites of its own. */
let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

const stateOf = async (id: string): Promise<Buffer> =>
  (await store.sql('select state from local_first.documents where id = $1', id))[0]?.state as Buffer;
const logOf = (id: string) =>
  store.sql('select seq, origin, apart from dualpath.updates where document_id = $1 order by seq', id);

describe('invariant', () => {
  test('1: a document is seeded once, whoever comes first and however many at once', async () => {
    await store.insert('a', 'one');
    const devices = ['phone', 'tablet', 'laptop', 'desk'];
    await Promise.all([
      ...devices.map((deviceId) => store.documents.pull({ id: 'a', deviceId })),
      store.documents.save({ id: 'a', content: paragraphs('one', 'saved'), baseRevision: 1 }),
    ]);
    const seeds = (await logOf('a')).filter(({ origin }) => origin === 'seed');
    expect(seeds).toHaveLength(1);
    expect(await store.texts('a')).toEqual(['one', 'saved']);
  });

  test('1: a client that seeds by itself is refused, and the document is not doubled', async () => {
    await store.insert('a', 'one');
    const own = new Device(store.documents, 'a', 'tablet');
    own.append('one');
    expect(await own.push()).toMatchObject({ outcome: 'quarantined', conflict: expect.any(String) });
    expect(await store.texts('a')).toEqual(['one']);
  });

  test.each([
    ['in a later session than the one that pulled', async () => undefined],
    ['before it shows what it pulled', (filled: Device) => filled.pull()],
  ])('1: a client that seeds by itself %s is refused, too', async (_, then) => {
    await store.insert('filled', 'one two three');
    await Device.open(store.documents, 'filled', 'phone', 'before');
    const filled = new Device(store.documents, 'filled', 'phone', 'later');
    filled.append('one two three');
    await then(filled);
    expect(await filled.push()).toMatchObject({ outcome: 'quarantined', conflict: expect.any(String) });
    expect(await store.texts('filled')).toEqual(['one two three']);
  });

  test('1: who pulled an empty document may be the first to write in it, beside others', async () => {
    await store.sql(
      `insert into documents (id, owner_id, content) values ('empty', 'u-1', '{"type": "doc", "content": []}')`,
    );
    const [phone, tablet] = [
      await Device.open(store.documents, 'empty', 'phone'),
      await Device.open(store.documents, 'empty', 'tablet'),
    ];
    for (const device of [phone, tablet]) {
      device.append(device.name);
      expect((await device.push()).outcome).toMatch(/applied|merged/);
    }
    expect([...(await store.texts('empty'))].sort()).toEqual(['phone', 'tablet']);
  });

  test('2: one legacy revision gives the same bytes in any key order, on any table', async () => {
    const other = await openStore();
    const keys = JSON.stringify({ type: 'doc', content: [{ type: 'paragraph', attrs: { a: 1, b: 2 } }] });
    const turned = '{"content":[{"attrs":{"b":2,"a":1},"type":"paragraph"}],"type":"doc"}';
    await store.sql('insert into documents (id, owner_id, content) values ($1, $2, $3)', 'a', 'u-1', keys);
    await other.sql('insert into documents (id, owner_id, content) values ($1, $2, $3)', 'a', 'u-1', turned);
    const one = await store.documents.pull({ id: 'a', deviceId: 'phone' });
    const two = await other.documents.pull({ id: 'a', deviceId: 'phone' });
    expect(Buffer.compare(one.update, two.update)).toBe(0);
  });

  test('3: both stores are equal at every commit of the library', async () => {
    await store.insert('a', 'one', 'two');
    const device = await Device.open(store.documents, 'a', 'phone');
    for (let round = 1; round <= 5; round += 1) {
      device.paragraph(1).insert(0, `device${round} `);
      await device.push();
      expect(await store.texts('a')).toEqual([expect.any(String), expect.stringContaining(`device${round}`)]);
      const { revision } = await store.documents.load({ id: 'a', deviceId: 'desk' });
      const texts = await store.texts('a');
      await store.documents.save({
        id: 'a',
        content: paragraphs(`legacy${round} ${texts[0]}`, texts[1] ?? ''),
        baseRevision: revision ?? 0,
      });
      expect((await store.texts('a'))[0]).toContain(`legacy${round}`);
      await device.pull();
    }
  });

  test('4: an update that cannot be merged is in the log all the same, and the document unharmed', async () => {
    await store.insert('a', 'one');
    const device = await Device.open(store.documents, 'a', 'phone');
    const before = await stateOf('a');
    device.doc.getXmlFragment('default').insert(0, [new Y.XmlElement('ychange\0bad')]);
    const update = device.takeUnsent();
    const pushed = await store.documents.push({ id: 'a', deviceId: 'phone', seq: 1, update });
    expect(pushed.outcome).toBe('quarantined');
    const [kept] = await store.sql('select payload from dualpath.updates where apart is not null');
    expect(Buffer.compare(kept?.payload as Buffer, update)).toBe(0);
    expect(Buffer.compare(await stateOf('a'), before)).toBe(0);
  });

  test('4: what was answered is there when the server is gone', async () => {
    await store.insert('a', 'one');
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('durable');
    const { serverSeq } = await device.push();
    await store.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    );
    const log = await logOf('a');
    expect(log.map(({ seq }) => Number(seq))).toContain(serverSeq);
    expect(await store.texts('a')).toEqual(['one', 'durable']);
  });

  test('5: twenty savers and pushers of one document take turns, and every word is there', async () => {
    await store.insert('a', 'one');
    const { revision } = await store.documents.load({ id: 'a' });
    const devices = await Promise.all(
      Array.from({ length: 10 }, (_, n) => Device.open(store.documents, 'a', `device ${n}`)),
    );
    await Promise.all([
      ...devices.map(async (device, n) => {
        device.append(`pushed${n}`);
        await device.push();
      }),
      ...Array.from({ length: 10 }, (_, n) =>
        store.documents.save({
          id: 'a',
          content: paragraphs('one', `saved${n}`),
          baseRevision: revision ?? 0,
        }),
      ),
    ]);
    const texts = (await store.texts('a')).join(' ');
    const words = Array.from({ length: 10 }, (_, n) => [`pushed${n}`, `saved${n}`]).flat();
    for (const word of words) expect(texts.split(word)).toHaveLength(2);
  });

  test('6: a repeated save or push changes nothing and says what became of the first', async () => {
    await store.insert('a', 'one');
    const save = {
      id: 'a',
      content: paragraphs('one two'),
      baseRevision: 1,
      deviceId: 'desk',
      saveId: 's-1',
    };
    const first = await store.documents.save(save);
    await store.documents.save({ id: 'a', content: paragraphs('one two three'), baseRevision: 2 });
    expect(await store.documents.save(save)).toEqual({
      revision: first.revision,
      head: { revision: 3, content: paragraphs('one two three') },
      outcome: 'duplicate',
    });
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('four');
    const update = device.takeUnsent();
    const pushed = { id: 'a', deviceId: 'phone', session: 's', seq: 1, update };
    const [one, two] = await Promise.all([store.documents.push(pushed), store.documents.push(pushed)]);
    expect([one.outcome, two.outcome].sort()).toEqual(['applied', 'duplicate']);
    expect(one.serverSeq).toBe(two.serverSeq);
    expect(await store.texts('a')).toEqual(['one two three', 'four']);
  });

  test('7: text that one side wrote and did not delete is in the result or in a version that a record names', async () => {
    await store.insert('a', 'one two three');
    await store.sql('update documents set revision = 7');
    await store.documents.save({ id: 'a', content: paragraphs('one two three kept'), baseRevision: 7 });
    const overwrote = await store.documents.save({ id: 'a', content: paragraphs('utterly other text') });
    expect(overwrote).toMatchObject({ outcome: 'overwrote', conflict: expect.any(String) });
    const [record] = await store.sql(
      `select o.content as ours from dualpath.conflicts c join dualpath.versions o on o.id = c.ours where c.id = $1`,
      overwrote.conflict,
    );
    expect(record?.ours).toContain('one two three kept');
  });

  test('8: authority moves only for the exact pair that was compared', async () => {
    await store.insert('a', 'one');
    await store.insert('b', 'two');
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    await store.documents.pull({ id: 'b', deviceId: 'phone' });
    await inTransaction(store.pool, async (tx) =>
      recordFindings(tx, await look(tx, store.stores, ['a', 'b'])),
    );
    // Between the comparison and the move somebody saves one of them.
    await store.documents.save({ id: 'b', content: paragraphs('two saved'), baseRevision: 1 });
    await inTransaction(store.pool, async (tx) => {
      const proven = await lockProven(store.stores, tx, ['a', 'b'], false);
      await setAuthority(tx, proven, 'local-first');
    });
    expect(await store.sql('select id, authority from dualpath.documents order by id')).toEqual([
      { id: 'a', authority: 'local-first' },
      { id: 'b', authority: 'legacy' },
    ]);
  });

  test('9: a server that holds a stale flag loses nothing, whichever path its clients take', async () => {
    await store.insert('a', 'one', 'two');
    const device = await Device.open(store.documents, 'a', 'phone');
    const legacy = await store.documents.load({ id: 'a', deviceId: 'desk' });
    await store.sql(`update dualpath.documents set authority = 'local-first'`);
    device.paragraph(1).insert(3, ' pushed');
    await device.push();
    const saved = await store.documents.save({
      id: 'a',
      content: paragraphs('one saved', 'two'),
      baseRevision: legacy.revision ?? 0,
    });
    expect(saved.outcome).toBe('merged');
    await store.sql(`update dualpath.documents set authority = 'legacy'`);
    device.append('after the rollback');
    await device.push();
    expect(await store.texts('a')).toEqual(['one saved', 'two pushed', 'after the rollback']);
  });

  test('10: decoding never writes: comparing and diffing leave the bytes as they were', async () => {
    await store.insert('a', 'one');
    await Device.open(store.documents, 'a', 'phone');
    const before = createHash('sha256')
      .update(await stateOf('a'))
      .digest('hex');
    const [finding] = await look(store.pool, store.stores, ['a']);
    expect(finding?.comparison).toEqual({ result: 'match' });
    expect(
      createHash('sha256')
        .update(await stateOf('a'))
        .digest('hex'),
    ).toBe(before);
  });
});
