import { expect, it } from 'vitest';
import { passInHeap } from './heap.ts';

it('8,000 small documents pass in a heap of 40 MB, of which the program itself takes half', async () => {
  expect(await passInHeap(8_000, 40)).toEqual({ seeds: 8_000, states: 8_000 });
});
