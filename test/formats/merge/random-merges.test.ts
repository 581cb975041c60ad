import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { PATIENT } from '../arbitraries.ts';
import { pairCase, runCase } from './cases.ts';
import { moves, NAMES } from './profiles.ts';

const RUNS = Number(process.env.RUNS ?? 40);

describe(`two changes of one document (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it.each(NAMES)('lose, double and bring back no word: %s', (profile) => {
    fc.assert(
      fc.property(pairCase, (given) => {
        const { lost, doubled, resurrected, mangled, marks, attributes, unopened } = runCase(
          given,
          profile,
          'json',
        );
        expect({ lost, mangled, marks, attributes, unopened }).toEqual({
          lost: [],
          mangled: [],
          marks: [],
          attributes: [],
          unopened: undefined,
        });
        if (!moves(profile)) expect({ doubled, resurrected }).toEqual({ doubled: [], resurrected: [] });
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
