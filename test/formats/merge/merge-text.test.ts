import { describe, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { PATIENT } from '../arbitraries.ts';
import { TEXT_FORMATS } from './editor.ts';
import { liveTogether, mergePairs } from './text-cases.ts';

describe.each(TEXT_FORMATS)(`two versions of one %s document (DUALPATH_SEED=${SEED})`, PATIENT, (format) => {
  it('merge without losing, doubling or bringing back a word', () => mergePairs(format, 300));

  it('and its stale saves and offline devices end with every word once', () => liveTogether(format, 20));
});
