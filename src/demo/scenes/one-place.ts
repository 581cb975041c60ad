import { openDevice } from '../device.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { reached } from '../school-day.ts';
import type { Scene } from './scene.ts';

/** Two students write at the very same place, each without knowing of the other. Both stay; a person should have a look. */
export const onePlace: Scene = async (day, cohort, { id, owner }) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const tab = await openLegacyTab(day.pool, day.documents, { id, device: `${owner} library`, shows: 'head' });
  const device = await openDevice(day.pool, day.documents, { id, device: `${owner} laptop` });
  await Promise.all([tab.type('body'), device.type('body')]);
  await device.push();
  const { outcome, conflict } = await tab.save();
  if (conflict === undefined) throw new Error('two texts at one place are for nobody to look at');
  return `two students wrote at one place: the save was ${outcome}, as conflict ${conflict}, which holds the flip of ${cohort} until somebody looks at it`;
};
