import { expect, test } from 'vitest';
import { formatElapsed } from '../../src/core/format-elapsed.ts';

test.each([
  [0, '0ms'],
  [250, '250ms'],
  [1_999, '1s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [5_400_000, '1h 30m'],
  [86_399_999, '23h 59m'],
  [259_200_000, '3d'],
  [1_000_000_000, '11d 13h'],
])('%i ms is %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});
