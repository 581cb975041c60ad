import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FORMATS } from '../../src/formats/runs.ts';
import { diffRuns } from '../../src/formats/text-diff.ts';
import { tokenise } from '../../src/formats/tokens.ts';
import { PATIENT, text } from './arbitraries.ts';

const run = (insert: string) => ({ insert, formats: NO_FORMATS });

describe('words', PATIENT, () => {
  it('put together are the text, and none starts or ends inside a surrogate pair', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (whole) => {
        expect(tokenise(whole).join('')).toBe(whole);
        expect(tokenise(whole).some((word) => /\p{Surrogate}/u.test(word))).toBe(false);
      }),
    );
  });

  it('are single characters in scripts that write no spaces', () => {
    expect(tokenise('日本語 text, é.')).toEqual(['日', '本', '語', ' ', 'text', ',', ' ', 'é', '.']);
  });
});

describe('a change of text', () => {
  it('replaces whole words', () => {
    expect(diffRuns([run('the quick fox')], [run('the quiet fox')])).toEqual([
      { retain: 4 },
      { delete: 5 },
      { insert: 'quiet', attributes: {} },
    ]);
  });

  it('of formats retains the words, also those that are formatted in part', () => {
    const bold = new Map([['bold', 'true']]);
    expect(
      diffRuns([run('a word here')], [run('a wo'), { insert: 'rd h', formats: bold }, run('ere')]),
    ).toEqual([{ retain: 4 }, { retain: 4, attributes: { bold: true } }]);
    expect(diffRuns([{ insert: 'word', formats: bold }], [run('word')])).toEqual([
      { retain: 4, attributes: { bold: null } },
    ]);
  });

  it('to the same text is no step at all', () => {
    fc.assert(
      fc.property(text, (same) => {
        expect(diffRuns([run(same)], [run(same)])).toEqual([]);
      }),
    );
  });
});
