import { describe, expect, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { noteFigures } from '../../support/writers/figures.ts';
import type { Naming } from '../../support/writers/writers.ts';
import { play } from './play.ts';

/** A loaded machine is no failure. */
const PATIENCE_MS = 600_000;

/** Clients that name no base are played with `DUALPATH_NAMING=nothing`: their replicas are guessed. */
const NAMING: Naming = process.env.DUALPATH_NAMING === 'nothing' ? 'nothing named' : 'bases named';

/** Plays these seeds; with `DUALPATH_SEED` that one. */
export function describeTwoServers(seeds: readonly number[]): void {
  const played = process.env.DUALPATH_SEED === undefined ? seeds : [SEED];
  describe(`two servers, one with stale flags, through a flip and a rollback, ${NAMING}`, () => {
    for (const seed of played) {
      it(
        `lose and double nothing while whoever can be killed is (DUALPATH_SEED=${seed})`,
        () => playAndExpect(seed),
        PATIENCE_MS,
      );
    }
  });
}

async function playAndExpect(seed: number): Promise<void> {
  const played = await play(seed, NAMING);
  noteFigures(played);
  const { lost, doubled, resurrected, alive } = played;
  expect({ lost, doubled, resurrected }).toEqual({ lost: [], doubled: [], resurrected: [] });
  expect(alive).toBeGreaterThan(0);
}
