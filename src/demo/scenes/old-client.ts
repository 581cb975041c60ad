import { pause } from '../everyday.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { hasReached } from '../school-day.ts';
import type { Scene } from './scene.ts';

/** What it was based on is looked for among all that the document ever was: now and then is enough. */
const PAUSE_MS = 1_000;

/** A client from before all this, which sends a document and nothing else, from the first stage to the last. */
export const oldClient: Scene = async (day, cohort, { id }) => {
  let saves = 0;
  while (!day.signal.aborted) {
    const tab = await openLegacyTab(day.pool, day.documents, { id, device: null, shows: 'head' });
    await tab.type('bottom');
    await tab.save();
    saves += 1;
    await pause(day, PAUSE_MS);
  }
  if (!(await hasReached(day, cohort, 'completed'))) return null;
  return `an old client, which names neither device nor base: ${saves} saves through all stages of ${cohort}`;
};
