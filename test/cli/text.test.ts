import { describe, expect, it } from 'vitest';
import { counted, hanging, moment, printable, widthOf, wrap } from '../../src/cli/text.ts';

describe('a text', () => {
  it('is broken between words', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  });

  it('keeps a word whole that is wider than the line', () => {
    expect(wrap('an extraordinarily-long-word here', 10)).toEqual([
      'an',
      'extraordinarily-long-word',
      'here',
    ]);
  });

  it('hangs below its first line', () => {
    expect(hanging('error  ', 'one two three four five', 27)).toBe('error  one two three four\n       five');
  });

  it('lets a command begin further to the left where it would not fit under its first line', () => {
    const command = '`dualpath complete staff --yes`,';
    expect(hanging('  clears by ', `${command} once every gate passes`, 36)).toBe(
      `  clears by\n    ${command}\n            once every gate passes`,
    );
    expect(hanging('', `x ${command}`, 20)).toBe(`x\n${command}`);
  });

  it('is not broken where there is no terminal', () => {
    expect(hanging('error  ', 'word '.repeat(100), Number.POSITIVE_INFINITY)).not.toContain('\n');
  });

  it('takes no room for its colours', () => {
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
  });
});

describe('a name from a database', () => {
  it.each(['doc-1', 'with space', "o'brien", 'naïve 日本 🎉'])('stands as it is: %s', (name) => {
    expect(printable(name)).toBe(name);
  });

  it.each([
    ['an escape sequence', '\u001b[2Jgone', '\\u001b[2Jgone'],
    ['a line break', 'a\nb', 'a\\u000ab'],
    ['a mark that turns the direction of writing', 'a\u202eb', 'a\\u202eb'],
  ])('cannot move the cursor by %s', (_, name, shown) => {
    expect(printable(name)).toBe(shown);
  });

  it('is shown by its beginning and its length when it is very long', () => {
    const shown = printable('x'.repeat(10_000));
    expect(shown).toContain('(10,000 characters)');
    expect(widthOf(shown)).toBeLessThanOrEqual(64);
  });
});

describe('numbers and times', () => {
  it.each([
    [0, '0 documents'],
    [1, '1 document'],
    [2_500, '2,500 documents'],
  ])('%i is counted', (count, said) => {
    expect(counted(count, 'document')).toBe(said);
  });

  it('a moment says that it is UTC', () => {
    expect(moment('2026-03-01T04:05:06.789Z')).toBe('2026-03-01 04:05:06Z');
  });
});

describe('a command in a text', () => {
  it('is never broken: in two lines it could not be pasted', () => {
    const text = 'Mend them with `dualpath verify staff --repair`, then go on.';
    expect(wrap(text, 36)).toEqual(['Mend them with', '`dualpath verify staff --repair`,', 'then go on.']);
  });

  it('keeps nothing together where its backtick is never closed', () => {
    expect(wrap('this ` is never closed', 12)).toEqual(['this ` is', 'never closed']);
    expect(wrap('before it, too, it is not: `', 12)).toEqual(['before it,', 'too, it is', 'not: `']);
  });
});
