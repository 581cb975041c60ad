import { openDevice } from '../device.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { quoteBody } from '../places.ts';
import { reached } from '../school-day.ts';
import type { Scene } from './scene.ts';

/** A look at the stage is a quarter of a second apart: a word a second. */
const LOOKS_A_WORD = 4;
/** Nobody types for a whole week. */
const MOST_WORDS = 20;

/**
 * A device pulls while its cohort soaks and pushes when it is completed. Meanwhile the old editor made a quotation of the
 * very paragraph that it types into: the CRDT alone would leave its words behind in what is deleted there.
 */
export const weekOffline: Scene = async (day, cohort, { id, owner }) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const device = await openDevice(day.pool, day.documents, { id, device: `${owner} laptop` });
  let words = 0;
  const type = async (times: number): Promise<void> => {
    if (times % LOOKS_A_WORD !== 0 || words === MOST_WORDS) return;
    await device.type('body');
    words += 1;
  };
  await type(0);
  if (await reached(day, cohort, 'baking', type)) {
    const tab = await openLegacyTab(day.pool, day.documents, {
      id,
      device: `${owner} library`,
      shows: 'head',
    });
    tab.edit(quoteBody);
    await tab.type('top');
    await tab.save();
  }
  const completed = await reached(day, cohort, 'completed', type);
  const { outcome } = await device.push();
  if (!completed) return null;
  return `a week offline, across the flip: a laptop that pulled while ${cohort} was soaking pushed ${words} words when it was completed; its push was ${outcome}`;
};
