import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SEED } from '../../support/random.ts';
import { play } from './play.ts';

/** A file to which each seed's figures go, a line of JSON each. */
const FIGURES = process.env.DUALPATH_FIGURES;

/** A loaded machine is no failure. */
const PATIENCE_MS = 600_000;

/** Plays so many seeds, from `DUALPATH_SEED` on. */
export function describeTwoServers(count: number): void {
  describe('two servers, one with stale flags, through a flip and a rollback', () => {
    for (let seed = SEED; seed < SEED + count; seed += 1) {
      it(
        `lose and double nothing while whoever can be killed is (DUALPATH_SEED=${seed})`,
        async () => {
          const { lost, doubled, resurrected, ...figures } = await play(seed);
          if (FIGURES)
            appendFileSync(
              FIGURES,
              `${JSON.stringify({ ...figures, lost: lost.length, doubled: doubled.length, resurrected: resurrected.length })}\n`,
            );
          expect({ lost, doubled, resurrected }).toEqual({ lost: [], doubled: [], resurrected: [] });
          expect(figures.alive).toBeGreaterThan(0);
        },
        PATIENCE_MS,
      );
    }
  });
}
