import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Content, merge3 } from '../../../src/formats/index.ts';
import { SEED } from '../../support/random.ts';
import { PATIENT } from '../arbitraries.ts';
import { contentOf, edited, firstVersion, pairCase } from './cases.ts';
import { RESTRUCTURING, TYPING_ONLY } from './profiles.ts';
import { type Doc, isTextBlock, setUnits, spots, unitsOf } from './tree.ts';

describe(`words typed on one side (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it('leave all else as the other side made it, whatever it split, joined, wrapped or moved', () => {
    fc.assert(
      fc.property(pairCase, ({ document, ours, theirs }) => {
        const base = firstVersion(document);
        const one = edited(base.document, 'a', ours, RESTRUCTURING);
        const two = edited(base.document, 'b', theirs, TYPING_ONLY);
        const wanted = without(two.inserted, one.content);
        expect(without(two.inserted, merge3(base.content, one.content, two.content).content)).toEqual(wanted);
        expect(without(two.inserted, merge3(base.content, two.content, one.content).content)).toEqual(wanted);
      }),
      { seed: SEED, numRuns: Number(process.env.RUNS ?? 80) },
    );
  });
});

function without(words: ReadonlySet<string>, { value }: Content): unknown {
  const document = structuredClone(value) as Doc;
  for (const { node } of spots(document, isTextBlock)) {
    setUnits(
      node,
      unitsOf(node).filter(({ word }) => word === undefined || !words.has(word)),
    );
  }
  return contentOf(document).value;
}
