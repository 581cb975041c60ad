import { afterAll, describe, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { type Figures, holdLives, holdPairs, tableOf } from './figures.ts';
import { NAMES } from './profiles.ts';

/** Over all profiles more than 5,000 pairs and 1,000 lives. */
const PAIRS = 400;
const LIVES = 80;

const [pairs, lives] = [new Map<string, Figures>(), new Map<string, Figures>()];

describe(`two changes of one document, many times (DUALPATH_SEED=${SEED})`, () => {
  it.each(NAMES)('lose no word and double none, keep marks, and an editor opens them: %s', (profile) => {
    pairs.set(profile, holdPairs(profile, PAIRS, 'yjs'));
  });
});

describe(`three offline devices and two stale legacy writers, many times (DUALPATH_SEED=${SEED})`, () => {
  it.each(NAMES)('lose no word and double none over many rounds: %s', (profile) => {
    lives.set(profile, holdLives(profile, LIVES));
  });
});

afterAll(() => {
  console.log(`DUALPATH_SEED=${SEED}\n\nPairs\n\n${tableOf(pairs)}\n\nLives\n\n${tableOf(lives)}`);
});
