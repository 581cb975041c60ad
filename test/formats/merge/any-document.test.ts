import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Content, decodeState, encodeSeed, merge3 } from '../../../src/formats/index.ts';
import { plainText } from '../../../src/formats/merge/block-texts.ts';
import { SEED } from '../../support/random.ts';
import { given, IDENTITY, PATIENT, prosemirror } from '../arbitraries.ts';

/** @param side makes one common word the side's own, in text and wherever else it stands */
const contentOf = (side: string) =>
  prosemirror.map(
    (raw) => given('prosemirror', JSON.stringify(raw).replaceAll('lost', `lost${side}`)).content,
  );
const content = contentOf('');

/** Documents of unknown nodes, nested anyhow, with marks and keys of any kind: three that have nothing to do with each other. */
describe(`any three documents (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it('have a merge that holds each word that is new in either', () => {
    fc.assert(
      fc.property(content, contentOf('ours'), contentOf('theirs'), (base, ours, theirs) => {
        const merge = merge3(base, ours, theirs);
        const [before, after] = [wordsIn(base), wordsIn(merge.content)];
        for (const word of [...wordsIn(ours), ...wordsIn(theirs)]) {
          if (!before.has(word)) expect(after).toContain(word);
        }
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  it('have a merge that both stores can hold, the same each time', () => {
    fc.assert(
      fc.property(content, contentOf('ours'), contentOf('theirs'), (base, ours, theirs) => {
        const merge = merge3(base, ours, theirs);
        const shape = { format: 'prosemirror', fragment: 'default' } as const;
        expect(decodeState(encodeSeed(merge.content, shape, IDENTITY), shape).canonical).toBe(
          merge.content.canonical,
        );
        expect(merge3(base, ours, theirs)).toEqual(merge);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  it('give the side that changed where only one did', () => {
    fc.assert(
      fc.property(content, content, (base, side) => {
        expect(merge3(base, side, base).content.canonical).toBe(side.canonical);
        expect(merge3(base, base, side).content.canonical).toBe(side.canonical);
        expect(merge3(base, side, side)).toMatchObject({ class: 'clean', reasons: [] });
      }),
      { seed: SEED, numRuns: 50 },
    );
  });
});

/** Words of letters only: what is typed at their ends may be a mark that goes on another letter. */
function wordsIn(one: Content): ReadonlySet<string> {
  return new Set(plainText(one).match(/[a-z]{3,}/g));
}
