import { expect, it } from 'vitest';
import type { Governor } from '../../src/backfill/load.ts';
import { throttled } from '../../src/backfill/throttled.ts';
import { FULL_SPEED } from '../../src/core/throttle.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

const governorAt = (rate: number): Governor => ({
  now: () => ({ ...FULL_SPEED, rate }),
  look: async () => ({ ...FULL_SPEED, rate }),
});

it('a throttled iterator gives the same items in the same order', async () => {
  const items: number[] = [];
  const { signal } = new AbortController();
  for await (const item of throttled(numbers(5), governorAt(0.5), signal)) items.push(item);
  expect(items).toEqual([1, 2, 3, 4, 5]);
});

it('a rest ends when the work is called off, with the reason it was called off for', async () => {
  const stop = new AbortController();
  const reason = new Error('SIGTERM');
  const items: number[] = [];
  const work = async (): Promise<void> => {
    for await (const item of throttled(numbers(3), governorAt(1e-9), stop.signal)) {
      items.push(item);
      setTimeout(() => stop.abort(reason), 1);
      // Work of any length makes a rest of seconds at this rate.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await expect(work()).rejects.toBe(reason);
  expect(items).toEqual([1]);
});
