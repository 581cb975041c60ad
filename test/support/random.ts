/** In CI always the same, so that red is news of the change; on a person's machine each run looks somewhere else. */
const CHOSEN = process.env.CI === undefined ? Date.now() % 1_000_000 : 20;

/** The seed of this run's random choices: `DUALPATH_SEED` replays them. */
export const SEED = Number(process.env.DUALPATH_SEED ?? CHOSEN);

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
