import { beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { encodeSeed, readLegacy } from '../../src/formats/index.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { expectNothingLostOrDoubled } from '../backfill/independent.ts';
import type { School } from '../backfill/school.ts';
import { checksumOf, documentIds, openSoaking, plantState, save, stateOf, verifyOne } from './school.ts';

describe('verify names what differs, and --repair mends it', () => {
  let school: School;
  let ids: readonly string[];
  beforeAll(async () => {
    school = await openSoaking(24);
    ids = await documentIds(school.pool);
  });
  const id = (index: number): string => ids[index] ?? '';
  const log = async (document: string): Promise<number> =>
    (
      await school.pool.query('select count(*)::int as n from dualpath.updates where document_id = $1', [
        document,
      ])
    ).rows[0].n;
  const versions = async (document: string): Promise<readonly { content: string; source: string }[]> =>
    (
      await school.pool.query(
        'select content, source from dualpath.versions where document_id = $1 order by id',
        [document],
      )
    ).rows;

  /** One drift of this class, found by the comparison; then mended, and clean when compared again. */
  const expectFoundAndMended = async (document: string, kind: string): Promise<void> => {
    const found = await verifyOne(school);
    expect(found.drift).toMatchObject([{ document, class: kind }]);
    expect(found).toMatchObject({ compared: 24, matched: 23, driftTotal: 1 });
    expect(JSON.stringify(found.drift)).not.toContain('Essay');
    const mended = await verifyOne(school, { repair: true });
    expect(mended).toMatchObject({ compared: 24, matched: 24, driftTotal: 0, repaired: 1 });
    const again = await verifyOne(school);
    expect(again).toMatchObject({ compared: 24, matched: 24, driftTotal: 0, repaired: 0 });
    await expectNothingLostOrDoubled(school.pool);
  };

  it('finds nothing where nothing is wrong, proves every document, and leaves every byte as it was', async () => {
    const before = await checksumOf(school.pool);
    expect(await verifyOne(school)).toMatchObject({
      compared: 24,
      matched: 24,
      missing: 0,
      extra: 0,
      quarantined: 0,
      driftTotal: 0,
      drift: [],
    });
    expect(await checksumOf(school.pool)).toBe(before);
    const { rows } = await school.pool.query(
      `select count(*)::int as bound from dualpath.documents d
         join public.documents l on l.id = d.id join local_first.documents s on s.id = d.id
        where d.proof_head = d.head and d.proof_legacy_xmin = l.xmin::text and d.proof_local_xmin = s.xmin::text`,
    );
    expect(rows).toEqual([{ bound: 24 }]);
  });

  it('undecodable: bytes that are no Yjs update', async () => {
    const genuine = await stateOf(school.pool, id(0));
    await plantState(school.pool, id(0), Buffer.from('garbage, not a document'));
    await expectFoundAndMended(id(0), 'undecodable');
    expect(Buffer.compare(await stateOf(school.pool, id(0)), genuine)).toBe(0);
    expect(await versions(id(0))).toEqual([
      { content: `base64:${Buffer.from('garbage, not a document').toString('base64')}`, source: 'repair' },
    ]);
  });

  it('undecodable: a state that builds on updates which are missing from it', async () => {
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdate(doc, await stateOf(school.pool, id(1)));
    const vector = Y.encodeStateVector(doc);
    doc.getXmlFragment('default').push([new Y.XmlElement('paragraph')]);
    await plantState(school.pool, id(1), Y.encodeStateAsUpdate(doc, vector));
    await expectFoundAndMended(id(1), 'undecodable');
  });

  it('content: another program edited the state with Yjs; its edit joins the log and a forward change follows', async () => {
    const before = await log(id(2));
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdate(doc, await stateOf(school.pool, id(2)));
    const text = new Y.XmlText('words of another program');
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [text]);
    doc.getXmlFragment('default').push([paragraph]);
    await plantState(school.pool, id(2), Y.encodeStateAsUpdate(doc));
    await expectFoundAndMended(id(2), 'content');
    expect(await log(id(2))).toBe(before + 2);
    const mended = new Y.Doc({ gc: false });
    Y.applyUpdate(mended, await stateOf(school.pool, id(2)));
    expect(mended.store.clients.has(doc.clientID)).toBe(true);
  });

  it('content: bytes of the text flipped in place, so that Yjs sees nothing', async () => {
    const genuine = await stateOf(school.pool, id(3));
    const flipped = Buffer.from(genuine);
    const at = flipped.indexOf('Essay');
    flipped[at] = 'F'.charCodeAt(0);
    await plantState(school.pool, id(3), flipped);
    await expectFoundAndMended(id(3), 'content');
    expect(Buffer.compare(await stateOf(school.pool, id(3)), genuine)).toBe(0);
    expect((await versions(id(3)))[0]?.content).toContain('Fssay');
  });

  it('content: the state of another document', async () => {
    const genuine = await stateOf(school.pool, id(4));
    await plantState(school.pool, id(4), await stateOf(school.pool, id(5)));
    await expectFoundAndMended(id(4), 'content');
    expect(Buffer.compare(await stateOf(school.pool, id(4)), genuine)).toBe(0);
  });

  it('content: an empty document in its place', async () => {
    await plantState(school.pool, id(6), Buffer.from([0, 0]));
    await expectFoundAndMended(id(6), 'content');
  });

  it('doubled: two registered seeds in one state', async () => {
    const { rows } = await school.pool.query(
      'select content::text as content from public.documents where id = $1',
      [id(7)],
    );
    const { shape } = school.stores;
    const again = encodeSeed(readLegacy(shape.format, rows[0].content), shape, {
      documentId: id(7),
      lineage: 'another',
      revision: '1',
    });
    const second = [...Y.parseUpdateMeta(again).to.keys()][0];
    await school.pool.query(
      `insert into dualpath.updates (document_id, seq, payload, origin, client, version, fingerprint)
       values ('somewhere else', 1, $1, 'seed', $2, 1, '\\x00')`,
      [again, String(second)],
    );
    await plantState(school.pool, id(7), Y.mergeUpdates([await stateOf(school.pool, id(7)), again]));
    await expectFoundAndMended(id(7), 'doubled');
  });

  it('missing: the local-first row is gone', async () => {
    const genuine = await stateOf(school.pool, id(8));
    await school.pool.query('delete from local_first.documents where id = $1', [id(8)]);
    const found = await verifyOne(school);
    expect(found).toMatchObject({ missing: 1, driftTotal: 1 });
    await expectFoundAndMended(id(8), 'missing');
    expect(Buffer.compare(await stateOf(school.pool, id(8)), genuine)).toBe(0);
  });

  it('revision: the link says another content than both sides hold', async () => {
    await school.pool.query(`update dualpath.documents set fingerprint = sha256('x') where id = $1`, [id(9)]);
    // The row reads as changed, the state as touched: both at once is for a person, unless they are equal.
    const found = await verifyOne(school, { scope: { document: id(9) } });
    expect(found.driftTotal + found.quarantined + found.matched).toBe(1);
    await verifyOne(school, { repair: true });
    expect(await verifyOne(school)).toMatchObject({ matched: 24, quarantined: 0, driftTotal: 0 });
  });

  it('revision: another program wrote a state of equal content, which its log does not lead to', async () => {
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdate(doc, await stateOf(school.pool, id(10)));
    const extra = new Y.XmlElement('paragraph');
    doc.getXmlFragment('default').push([extra]);
    doc.getXmlFragment('default').delete(doc.getXmlFragment('default').length - 1, 1);
    await plantState(school.pool, id(10), Y.encodeStateAsUpdate(doc));
    await expectFoundAndMended(id(10), 'revision');
  });

  it('extra: a local-first row that belongs to no document stays, is named, and holds the cohort', async () => {
    await school.pool.query(`insert into local_first.documents (id, state) values ('stranger', '\\x0000')`);
    const found = await verifyOne(school, { repair: true });
    expect(found).toMatchObject({ extra: 1, driftTotal: 1, repaired: 0 });
    expect(found.drift).toMatchObject([{ document: 'stranger', class: 'extra' }]);
    await school.pool.query(`delete from local_first.documents where id = 'stranger'`);
    expect(await verifyOne(school)).toMatchObject({ extra: 0, driftTotal: 0 });
  });

  it('extra: where a person names it, it is set aside: its bytes are kept, the row is gone, the cohort is free', async () => {
    const bytes = Buffer.from('whatever some other program wrote');
    await school.pool.query(`insert into local_first.documents (id, state) values ('stranger', $1)`, [bytes]);
    const scope = { document: 'stranger' };
    expect(await verifyOne(school, { scope })).toMatchObject({ extra: 1, driftTotal: 1, repaired: 0 });
    expect(await verifyOne(school, { scope, repair: true })).toMatchObject({ driftTotal: 0, repaired: 1 });
    await expect(stateOf(school.pool, 'stranger')).rejects.toThrow('no state');
    expect(await versions('stranger')).toEqual([
      { content: `base64:${bytes.toString('base64')}`, source: 'repair' },
    ]);
    expect(await verifyOne(school)).toMatchObject({ compared: 24, matched: 24, extra: 0, driftTotal: 0 });
    await expect(verifyOne(school, { scope })).rejects.toMatchObject({ code: 'unknown-document' });
  });

  it('a document that the application deleted counts nowhere', async () => {
    await school.pool.query('delete from public.documents where id = $1', [id(23)]);
    expect(await verifyOne(school)).toMatchObject({ compared: 23, matched: 23, driftTotal: 0 });
  });

  it('a save that nobody took in yet is no drift: it is taken in and looked at again', async () => {
    await inTransaction(school.pool, async (tx) => {
      await tx.query(`set local session_replication_role = replica`);
      await save(tx, id(11), 'written past every trigger');
    });
    expect(await verifyOne(school)).toMatchObject({ compared: 23, matched: 23, driftTotal: 0 });
  });

  it('does not say content when a document drifts', async () => {
    await save(school.pool, id(12), 'a secret of the student');
    await verifyOne(school);
    await plantState(school.pool, id(12), await stateOf(school.pool, id(13)));
    const found = await verifyOne(school, { scope: { document: id(12) } });
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(found.drift).toHaveLength(1);
    await verifyOne(school, { repair: true, scope: { document: id(12) } });
  });

  it('looks at what changed only, and finds what drifted before and is mended since', async () => {
    await verifyOne(school);
    await save(school.pool, id(14), 'changed once');
    expect(await verifyOne(school, { scope: 'changed' })).toMatchObject({ compared: 1, matched: 1 });
    expect(await verifyOne(school, { scope: 'changed' })).toMatchObject({ compared: 0, matched: 0 });
    await school.pool.query('update public.documents set revision = revision + 1 where id = $1', [id(14)]);
    expect(await verifyOne(school, { scope: 'changed' })).toMatchObject({ compared: 1, matched: 1 });
  });

  it('refuses a document nobody has, and a cohort that was not started', async () => {
    await expect(verifyOne(school, { scope: { document: 'nowhere' } })).rejects.toMatchObject({
      code: 'unknown-document',
      exitCode: 2,
    });
    await expect(verifyOne(school, { cohorts: ['later'] })).rejects.toMatchObject({
      code: 'not-started',
      exitCode: 5,
    });
  });
});
