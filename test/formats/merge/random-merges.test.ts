import { describe, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { PATIENT } from '../arbitraries.ts';
import { holdLives, holdPairs } from './figures.ts';
import { NAMES } from './profiles.ts';

describe(`two changes of one document (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it.each(NAMES)('lose no word and double none, keep marks, and an editor opens them: %s', (profile) => {
    holdPairs(profile, 15, 'yjs');
  });
});

describe(`three offline devices and two stale legacy writers (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it.each(NAMES)('lose no word and double none over many rounds: %s', (profile) => {
    holdLives(profile, 3);
  });
});
