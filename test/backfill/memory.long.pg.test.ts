import { expect, it } from 'vitest';
import { passInHeap } from './heap.ts';

it('200,000 small documents pass in a heap of 128 MB', async () => {
  expect(await passInHeap(200_000, 128)).toEqual({ seeds: 200_000, states: 200_000 });
});
