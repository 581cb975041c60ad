import { describe, expect, it } from 'vitest';
import {
  createWordReader,
  repeatsWords,
  sideShrank,
  wantsSpaceBetween,
} from '../../../src/formats/merge/words.ts';

const wordsOf = createWordReader();

describe('words', () => {
  it('are counted as people do, and one by one in scripts that write no spaces', () => {
    expect(wordsOf('one, two — three_4!\n日本語 é').length).toBe(7);
    expect(wordsOf('one two one')).toEqual(wordsOf('one\ntwo one'));
  });

  it('would run into each other without a space, but not in such scripts or beside a sign', () => {
    expect(wantsSpaceBetween('one', 'two')).toBe(true);
    expect(wantsSpaceBetween('日', '本')).toBe(false);
    expect(wantsSpaceBetween('one', ',')).toBe(false);
    expect(wantsSpaceBetween(' ', 'two')).toBe(false);
  });
});

describe('a passage', () => {
  const five = 'of these five words here';
  const repeats = (result: string, ours: string, theirs: string) =>
    repeatsWords(wordsOf(result), wordsOf(ours), wordsOf(theirs));

  it('that stands more often than on either side is told', () => {
    expect(repeats(`${five} and ${five}`, five, five)).toBe(true);
  });

  it('that stood as often before is none, nor is one of four words, nor one that is new', () => {
    expect(repeats(`${five} and ${five}`, `${five} or ${five}`, five)).toBe(false);
    expect(repeats('of these five words and of these five words', 'of these five words', '')).toBe(false);
    expect(repeats('a b c d e f', 'a b c', 'd e f')).toBe(false);
  });
});

describe('a side', () => {
  it('shrank if three of five words are gone', () => {
    expect([sideShrank(5, 2), sideShrank(5, 3), sideShrank(0, 0), sideShrank(5, 9)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
