import { openDevice } from '../device.ts';
import { pause } from '../everyday.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { reached, type SchoolDay } from '../school-day.ts';
import type { Scene } from './scene.ts';

const WORDS = 12;
const TYPING_MS = 300;

/** A device is offline for some seconds in the middle of a soak, typing; meanwhile its document is saved by the old editor. */
export const busRide: Scene = async (day, cohort, { id, owner }) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const device = await openDevice(day.pool, day.documents, { id, device: `${owner} phone` });
  await device.type('body');
  await device.push();
  const left = performance.now();
  for (let word = 0; word < WORDS; word += 1) {
    await device.type('body');
    if (word === WORDS / 2) await saveMeanwhile(day, id, `${owner} library`);
    await pause(day, TYPING_MS);
  }
  const { outcome } = await device.push();
  const seconds = ((performance.now() - left) / 1000).toFixed(0);
  return `a bus ride: offline for ${seconds} s a phone typed ${WORDS} words, while the old editor saved the same document; its push was ${outcome}`;
};

async function saveMeanwhile(day: SchoolDay, id: string, device: string): Promise<void> {
  const tab = await openLegacyTab(day.pool, day.documents, { id, device, shows: 'head' });
  await tab.type('top');
  await tab.save();
}
