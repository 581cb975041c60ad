import { describe, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { TEXT_FORMATS } from './editor.ts';
import { liveTogether, mergePairs } from './text-cases.ts';

const LONG = { timeout: 600_000 };

describe.each(TEXT_FORMATS)(`two versions of one %s document (DUALPATH_SEED=${SEED})`, LONG, (format) => {
  it('merge without losing, doubling or bringing back a word, 3,000 times', () => mergePairs(format, 3000));

  it('and its stale saves and offline devices end with every word once, 400 times', () =>
    liveTogether(format, 400));
});
