import { describe, expect, it } from 'vitest';
import { compareWords, contentOf, countChangedWords, type Stretch } from '../../../src/formats/index.ts';
import { randomFrom, SEED } from '../../support/random.ts';

const shown = (stretches: readonly Stretch[]): string =>
  stretches
    .map(({ change, text }) =>
      change === 'same' ? text : change === 'added' ? `{+${text}+}` : `[-${text}-]`,
    )
    .join('');

describe('two texts compared by words', () => {
  it.each([
    ['a word in the place of another', 'one two three', 'one 2 three', 'one [-two-]{+2+} three'],
    ['neighbours are one change', 'one two three', 'a b three', '[-one two-]{+a b+} three'],
    ['words at the end', 'one', 'one two', 'one{+ two+}'],
    ['nothing before', '', 'one', '{+one+}'],
    ['nothing after', 'one', '', '[-one-]'],
    ['a sign, not the word before it', 'end', 'end.', 'end{+.+}'],
    ['equal', 'one two', 'one two', 'one two'],
    ['an emoji is never cut', 'a 👩‍🚀 b', 'a 👩‍🚒 b', 'a 👩‍[-🚀-]{+🚒+} b'],
  ])('%s', (_, before, after, wanted) => {
    expect(shown(compareWords(before, after))).toBe(wanted);
  });

  it(`hold both texts, whatever they are (DUALPATH_SEED=${SEED})`, () => {
    const random = randomFrom(SEED);
    const text = () =>
      Array.from(
        { length: Math.floor(random() * 12) },
        () => 'ab c.d\n'[Math.floor(random() * 7)] ?? '',
      ).join('');
    for (let round = 0; round < 500; round += 1) {
      const [before, after] = [text(), text()];
      const stretches = compareWords(before, after);
      const side = (left: Stretch['change']) =>
        stretches.flatMap(({ change, text: part }) => (change === left ? [] : [part])).join('');
      expect([side('added'), side('removed')]).toEqual([before, after]);
    }
  });

  it('count words, not signs and spaces', () => {
    const content = (text: string) => contentOf('text', text);
    expect(countChangedWords(content('one, two. three'), content('one two! four five'))).toEqual({
      added: 2,
      removed: 1,
    });
  });
});
