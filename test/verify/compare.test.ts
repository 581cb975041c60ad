import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UnconvertibleError } from '../../src/errors.ts';
import { type Content, readLegacy } from '../../src/formats/index.ts';
import { compare, type Pair, reading } from '../../src/verify/compare.ts';

const content = (text: string): Content => readLegacy('text', text);
const HASH = createHash('sha256').update('state').digest();

/** A pair whose sides are equal, with what a test changes of it. */
const pairOf = (more: Partial<Pair> = {}): Pair => ({
  legacy: { reading: { content: content('essay') }, revision: '4' },
  link: {
    fingerprint: content('essay').fingerprint,
    legacyRevision: '4',
    headHash: HASH,
    deleted: false,
    leftRow: null,
  },
  localFirst: { reading: { content: content('essay') }, hash: HASH, seeds: 1 },
  quarantined: false,
  behind: null,
  ...more,
});
const { legacy, link, localFirst } = pairOf();
const classOf = (pair: Pair): string => {
  const result = compare(pair);
  return result.result === 'mismatch' ? result.class : result.result;
};

describe('comparing one pair', () => {
  it.each<[string, string, Pair]>([
    ['match', 'equal sides under a link that says so', pairOf()],
    [
      'match',
      'an empty document, whose seed holds nothing',
      pairOf({ localFirst: localFirst && { ...localFirst, seeds: 0 } }),
    ],
    [
      'match',
      'sides that went apart after the mirror had stopped, each as recorded',
      pairOf({
        legacy: legacy && { ...legacy, reading: { content: content('left behind') } },
        link: link && { ...link, leftRow: content('left behind').fingerprint },
      }),
    ],
    [
      'stale',
      'a row that was written after the mirror had stopped',
      pairOf({
        legacy: legacy && { ...legacy, reading: { content: content('written') } },
        link: link && { ...link, leftRow: content('left behind').fingerprint },
      }),
    ],
    ['quarantined', 'a document that is held', pairOf({ quarantined: true })],
    [
      'quarantined',
      'a document that is held and was never seeded',
      pairOf({ quarantined: true, link: null, localFirst: null }),
    ],
    ['absent', 'nothing on either side', pairOf({ legacy: null, link: null, localFirst: null })],
    [
      'absent',
      'a deleted document whose state stays',
      pairOf({ legacy: null, link: link && { ...link, deleted: true } }),
    ],
    ['missing', 'a member that was never seeded', pairOf({ link: null, localFirst: null })],
    ['missing', 'a document whose state is gone', pairOf({ localFirst: null })],
    ['missing', 'a document that was created again', pairOf({ link: link && { ...link, deleted: true } })],
    ['extra', 'a link whose legacy row is gone', pairOf({ legacy: null })],
    ['extra', 'a state without a link', pairOf({ link: null })],
    ['extra', 'a state without anything', pairOf({ legacy: null, link: null })],
    [
      'undecodable',
      'a state that cannot be read',
      pairOf({ localFirst: localFirst && { ...localFirst, reading: { unreadable: 'state-corrupt' } } }),
    ],
    [
      'doubled',
      'two seeds, whatever the content',
      pairOf({ localFirst: localFirst && { ...localFirst, seeds: 2 } }),
    ],
    [
      'stale',
      'a row that moved on from the link',
      pairOf({ legacy: { reading: { content: content('newer') }, revision: '5' } }),
    ],
    [
      'stale',
      'a row that moved on to what does not convert',
      pairOf({ legacy: { reading: { unreadable: 'not-text' }, revision: '5' } }),
    ],
    [
      'content',
      'a state that moved on from the link',
      pairOf({ localFirst: localFirst && { ...localFirst, reading: { content: content('other') } } }),
    ],
    [
      'content',
      'two sides that both moved on',
      pairOf({
        legacy: { reading: { content: content('newer') }, revision: '5' },
        localFirst: localFirst && { ...localFirst, reading: { content: content('other') } },
      }),
    ],
    [
      'revision',
      'equal sides, another content linked',
      pairOf({ link: link && { ...link, fingerprint: content('x').fingerprint } }),
    ],
    [
      'revision',
      'equal sides, another revision linked',
      pairOf({ legacy: legacy && { ...legacy, revision: '5' } }),
    ],
    [
      'revision',
      'equal sides, a state that was not written by us',
      pairOf({ link: link && { ...link, headHash: content('x').fingerprint } }),
    ],
  ])('%s: %s', (expected, _what, pair) => {
    expect(classOf(pair)).toBe(expected);
  });

  it('says where contents part, and nothing of what they say', () => {
    const result = compare(
      pairOf({
        localFirst: localFirst && { ...localFirst, reading: { content: content('essay on secrets') } },
      }),
    );
    expect(result).toMatchObject({
      class: 'content',
      detail: expect.stringMatching(/part at character \d+: \d+ .* \d+/),
    });
    expect(JSON.stringify(result)).not.toContain('secrets');
  });

  it('keeps of a decoder only what is ours to say', () => {
    const said = (error: Error) =>
      reading(() => {
        throw error;
      });
    expect(said(new UnconvertibleError('not-text', 'It is not text.'))).toEqual({ unreadable: 'not-text' });
    expect(said(new TypeError('cannot read "a secret"'))).toEqual({ unreadable: 'the bytes cannot be read' });
  });
});
