import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['250ms', 250],
    ['1.5s', 1500],
    ['15m', 900_000],
    ['72h', 259_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['3650d', 315_360_000_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    '',
    '5',
    's',
    '-5s',
    '5 s',
    '5S',
    '5s ',
    '1h30m',
    '1e3s',
    '.5s',
    '5.s',
    '５s',
    '3651d',
    `${'9'.repeat(400)}d`,
  ])('%j is none', (text) => expect(parseDuration(text)).toBeNull());

  test.each([
    [0, '0ms'],
    [250, '250ms'],
    [90_500, '90.5s'],
    [60_000, '1m'],
    [259_200_000, '3d'],
    [5_400_000, '90m'],
  ])('of %i ms is written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 315_360_000_000 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
