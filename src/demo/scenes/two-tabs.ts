import { openDevice } from '../device.ts';
import { pause } from '../everyday.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { reached } from '../school-day.ts';
import type { Scene } from './scene.ts';

const ROUNDS = 8;

/**
 * One student with the old editor in one tab and the local-first one in the other. The old one never learns of merging: it goes
 * on showing what it sent, and its next save lacks what the other tab wrote.
 */
export const twoTabs: Scene = async (day, cohort, { id, owner }) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const device = `${owner} laptop`;
  const tab = await openLegacyTab(day.pool, day.documents, { id, device, shows: 'sent' });
  const replica = await openDevice(day.pool, day.documents, { id, device });
  let merged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all([tab.type('top'), replica.type('bottom')]);
    const [saved] = await Promise.all([tab.save(), replica.push()]);
    if (saved.outcome === 'merged') merged += 1;
    await pause(day);
  }
  return `one student, one tab on each path: ${ROUNDS} saves and ${ROUNDS} pushes at once; ${merged} of the saves were merged`;
};
