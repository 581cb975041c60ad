import { beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { expectNothingLostOrDoubled } from '../backfill/independent.ts';
import type { School } from '../backfill/school.ts';
import { COHORT, documentIds, openSoaking, plantState, save, stateOf, verifyOne } from './school.ts';

const withParagraph = (state: Uint8Array, words: string): Uint8Array => {
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, state);
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(words)]);
  doc.getXmlFragment('default').push([paragraph]);
  return Y.encodeStateAsUpdate(doc);
};

describe('a repair', () => {
  let school: School;
  let ids: readonly string[];
  beforeAll(async () => {
    school = await openSoaking(12);
    ids = await documentIds(school.pool);
  });
  const id = (index: number): string => ids[index] ?? '';
  const query = async <T extends object>(text: string, ...values: unknown[]): Promise<readonly T[]> =>
    (await school.pool.query<T>(text, values)).rows;
  const content = async (document: string): Promise<string> =>
    (
      await query<{ content: string }>('select content::text from public.documents where id = $1', document)
    )[0]?.content ?? '';
  const moveToLocalFirst = (document: string) =>
    query(`update dualpath.documents set authority = 'local-first' where id = $1`, document);
  const clean = async (): Promise<void> => {
    expect(await verifyOne(school)).toMatchObject({
      compared: 12,
      matched: 12,
      quarantined: 0,
      driftTotal: 0,
    });
    await expectNothingLostOrDoubled(school.pool);
  };

  it('follows the local-first side where it has authority: the legacy row is mirrored, what it held is kept', async () => {
    await moveToLocalFirst(id(0));
    const replaced = await content(id(0));
    await plantState(
      school.pool,
      id(0),
      withParagraph(await stateOf(school.pool, id(0)), 'newer in the state'),
    );
    expect(await verifyOne(school)).toMatchObject({ driftTotal: 1 });
    expect(await verifyOne(school, { repair: true })).toMatchObject({ driftTotal: 0, repaired: 1 });
    expect(await content(id(0))).toContain('newer in the state');
    expect(
      await query('select content, source from dualpath.versions where document_id = $1', id(0)),
    ).toEqual([{ content: replaced, source: 'repair' }]);
    expect(await query('select authority from dualpath.documents where id = $1', id(0))).toEqual([
      { authority: 'local-first' },
    ]);
    await clean();
  });

  it('keeps authority and observations where only a new lineage can mend: log and state are both damaged', async () => {
    await moveToLocalFirst(id(1));
    await query(`update dualpath.updates set payload = 'broken' where document_id = $1`, id(1));
    await plantState(school.pool, id(1), Buffer.from('broken too'));
    expect(await verifyOne(school, { repair: true })).toMatchObject({ driftTotal: 0, repaired: 1 });
    expect(
      await query('select authority, lineage, observed from dualpath.documents where id = $1', id(1)),
    ).toEqual([{ authority: 'local-first', lineage: '2', observed: '1' }]);
    expect(await verifyOne(school)).toMatchObject({ matched: 12, driftTotal: 0 });
  });

  it('leaves a document that both sides changed to a person, who names it; both contents are kept', async () => {
    await plantState(
      school.pool,
      id(2),
      withParagraph(await stateOf(school.pool, id(2)), 'words of the other side'),
    );
    await save(school.pool, id(2), 'words of the legacy side');
    expect(await verifyOne(school, { repair: true })).toMatchObject({
      quarantined: 1,
      driftTotal: 0,
      repaired: 0,
    });
    const named = { scope: { document: id(2) }, repair: true };
    expect(await verifyOne(school, named)).toMatchObject({ driftTotal: 0, repaired: 1 });
    const kept = await query<{ content: string }>(
      'select content from dualpath.versions where document_id = $1',
      id(2),
    );
    expect(kept.map((version) => version.content).join()).toContain('words of the other side');
    expect(await content(id(2))).toContain('words of the legacy side');
    expect(await verifyOne(school)).toMatchObject({ matched: 12, quarantined: 0 });
  });

  it.each([
    ['is lost', (document: string) => query('delete from local_first.documents where id = $1', document)],
    ['is damaged', (document: string) => plantState(school.pool, document, Buffer.from('garbage'))],
  ])(
    'takes a save in whose local-first side %s, for authority over nothing is no reason to drop it',
    async (how, ruin) => {
      const document = id(how === 'is lost' ? 5 : 6);
      await moveToLocalFirst(document);
      await ruin(document);
      await save(school.pool, document, 'the newest words');
      expect(await verifyOne(school)).toMatchObject({ quarantined: 1, driftTotal: 0 });
      await verifyOne(school, { scope: { document }, repair: true });
      expect(await content(document)).toContain('the newest words');
      expect(await verifyOne(school)).toMatchObject({ matched: 12, driftTotal: 0, quarantined: 0 });
    },
  );

  it('leaves what does not convert in quarantine, and mends the rest', async () => {
    await query(`update public.documents set content = '{"type": "doc", "content": 7}' where id = $1`, id(3));
    await plantState(school.pool, id(4), Buffer.from('garbage'));
    expect(await verifyOne(school, { repair: true })).toMatchObject({
      quarantined: 1,
      driftTotal: 0,
      repaired: 1,
    });
    await save(school.pool, id(3), 'convertible again');
    expect(await verifyOne(school)).toMatchObject({ matched: 12, quarantined: 0 });
  });

  it('of a document somebody keeps locked is left undone, without holding up the others', async () => {
    await plantState(school.pool, id(5), Buffer.from('garbage'));
    await plantState(school.pool, id(6), Buffer.from('garbage'));
    await verifyOne(school);
    const other = await school.pool.connect();
    await other.query('begin');
    await other.query('select from public.documents where id = $1 for update', [id(5)]);
    const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
    const result = await verifyOne(school, { repair: true });
    await other.query('rollback');
    other.release();
    expect(result).toMatchObject({ repaired: 1, driftTotal: 1, unsettledTotal: 1 });
    expect(result.unsettled).toEqual([
      { document: id(5), because: `kept locked by process ${rows[0]?.pid}` },
    ]);
    expect(await verifyOne(school, { repair: true })).toMatchObject({ repaired: 1, driftTotal: 0 });
    expect(await verifyOne(school)).toMatchObject({ matched: 12 });
  });

  it('of one document looks at no other', async () => {
    await plantState(school.pool, id(7), Buffer.from('garbage'));
    await plantState(school.pool, id(8), Buffer.from('garbage'));
    const result = await verifyOne(school, { repair: true, scope: { document: id(7) } });
    expect(result).toMatchObject({ name: COHORT, compared: 1, matched: 1, repaired: 1, driftTotal: 0 });
    expect(await verifyOne(school)).toMatchObject({ driftTotal: 1 });
    await verifyOne(school, { repair: true });
  });

  it('is undone when the application changes what the mirror wrote, and the document stays drift', async () => {
    await moveToLocalFirst(id(9));
    await query(`create function public.meddle() returns trigger language plpgsql as
      $$ begin new.content := '{"type":"doc","content":[]}'; return new; end $$`);
    await query(`create trigger meddle before update on public.documents for each row
      when (new.id = '${id(9)}') execute function public.meddle()`);
    const before = await content(id(9));
    await plantState(school.pool, id(9), withParagraph(await stateOf(school.pool, id(9)), 'newer'));
    expect(await verifyOne(school, { repair: true })).toMatchObject({ driftTotal: 1, repaired: 0 });
    expect(await content(id(9))).toBe(before);
    expect(await query('select from dualpath.versions where document_id = $1', id(9))).toEqual([]);
    await query('drop trigger meddle on public.documents');
    expect(await verifyOne(school, { repair: true })).toMatchObject({ driftTotal: 0, repaired: 1 });
  });
});
