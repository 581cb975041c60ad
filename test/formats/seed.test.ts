import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { clientIdOf, clientIdsIn, encodeSeed, mergeUpdates, readLegacy } from '../../src/formats/index.ts';
import { document, given, IDENTITY, PATIENT, prosemirror, withKeysReversed } from './arbitraries.ts';

const HELLO = given('text', 'hello');
const seedOf = (identity = IDENTITY, { content, shape } = HELLO) => encodeSeed(content, shape, identity);

describe('a seed', PATIENT, () => {
  it('has the same bytes whatever the order of keys', () => {
    fc.assert(
      fc.property(prosemirror, (raw) => {
        const { content, shape } = given('prosemirror', JSON.stringify(raw));
        const again = readLegacy('prosemirror', JSON.stringify(withKeysReversed(raw)));
        expect(encodeSeed(again, shape, IDENTITY)).toEqual(encodeSeed(content, shape, IDENTITY));
      }),
    );
  });

  it('is byte for byte what Yjs itself writes for that state', () => {
    fc.assert(
      fc.property(document, ({ content, shape }) => {
        const seed = encodeSeed(content, shape, IDENTITY);
        const doc = new Y.Doc({ guid: 'test', gc: false });
        Y.applyUpdate(doc, seed);
        expect(Y.encodeStateAsUpdate(doc)).toEqual(seed);
      }),
    );
  });

  it('has the bytes that were written down when the layout was decided', () => {
    const content =
      '{"type":"doc","content":[{"type":"p","attrs":{"n":1},"content":[{"type":"text","text":"hi"}]}]}';
    const seed = seedOf(IDENTITY, given('prosemirror', content));
    expect(Buffer.from(seed).toString('hex')).toMatchInlineSnapshot(
      `"0104aaf8c0be8e92e6080007010764656661756c740301702800aaf8c0be8e92e60800016e017d010700aaf8c0be8e92e60800060400aaf8c0be8e92e6080202686900"`,
    );
  });

  it('of empty content is the empty update', () => {
    expect(seedOf(IDENTITY, given('text', ''))).toEqual(new Uint8Array([0, 0]));
    expect(seedOf(IDENTITY, given('prosemirror', '{"type":"doc"}'))).toEqual(new Uint8Array([0, 0]));
  });

  it('has another client id for another document, lineage, revision, content or root', () => {
    const { content, shape } = HELLO;
    const seeds = [
      seedOf(),
      seedOf({ ...IDENTITY, documentId: 'd-2' }),
      seedOf({ ...IDENTITY, lineage: '2' }),
      seedOf({ ...IDENTITY, revision: '2' }),
      seedOf(IDENTITY, given('text', 'hello!')),
      seedOf(IDENTITY, given('markdown', 'hello')),
      encodeSeed(content, { ...shape, fragment: 'other' }, IDENTITY),
    ];
    expect(new Set(seeds.flatMap((seed) => [...clientIdsIn(seed)])).size).toBe(seeds.length);
  });

  it('is counted in a state, so that a doubled document shows', () => {
    const twice = mergeUpdates([seedOf(), seedOf({ ...IDENTITY, lineage: '2' })]);
    const doc = new Y.Doc({ guid: 'test', gc: false });
    Y.applyUpdate(doc, twice);
    doc.getText('default').insert(0, 'typed by a student');
    const state = Y.encodeStateAsUpdate(doc);
    expect(clientIdsIn(state).size).toBe(2);
    expect(clientIdsIn(mergeUpdates([seedOf(), seedOf()])).size).toBe(1);
    expect(doc.getText('default').toString()).toContain('hello');
  });
});

describe('client ids', () => {
  const fingerprint = HELLO.content.fingerprint;
  const { shape } = HELLO;

  it('lie above all that editors draw, below 2^53, and those of seeds apart from those of changes', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('seed', 'capture', 'repair'), (documentId, purpose) => {
        const id = clientIdOf({ ...IDENTITY, documentId, purpose, shape, fingerprint });
        expect(Number.isSafeInteger(id)).toBe(true);
        expect(id >= 2 ** 52 + (purpose === 'seed' ? 0 : 2 ** 51)).toBe(true);
        expect(id < (purpose === 'seed' ? 2 ** 52 + 2 ** 51 : 2 ** 53)).toBe(true);
      }),
    );
  });

  it('do not confuse fields that run together', () => {
    const one = clientIdOf({
      documentId: 'a',
      lineage: 'bc',
      revision: '1',
      purpose: 'seed',
      shape,
      fingerprint,
    });
    const two = clientIdOf({
      documentId: 'ab',
      lineage: 'c',
      revision: '1',
      purpose: 'seed',
      shape,
      fingerprint,
    });
    expect(one).not.toBe(two);
  });
});
