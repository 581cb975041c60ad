import { type FlagClient, openDocumentStore } from '../../index.ts';
import { openDevice } from '../device.ts';
import { pause } from '../everyday.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { reached, type SchoolDay, type SchoolDocument } from '../school-day.ts';
import type { Scene } from './scene.ts';

/** Times that a save of one path has to meet a push of the other after the flip. */
const CROSSINGS = 8;
const PAUSE_MS = 300;

/** As Unleash answered when this server started, with no cohort flipped: off, for everybody. It never asks again. */
const FROZEN: FlagClient = { isEnabled: () => false };

/** Two servers: one sends its clients where the stages say, the other goes by flags of before the flip. */
export const staleFlags: Scene = async (day, cohort, document) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const { id, owner } = document;
  const stale = await openDocumentStore({ config: day.config, pool: day.pool, flags: FROZEN });
  const tab = await openLegacyTab(day.pool, stale, { id, device: `${owner} library`, shows: 'head' });
  const device = await openDevice(day.pool, day.documents, { id, device: `${owner} laptop` });
  for (let crossings = 0; crossings < CROSSINGS; await pause(day, PAUSE_MS)) {
    await Promise.all([tab.type('top'), device.type('bottom')]);
    await Promise.all([tab.save(), device.push()]);
    if (await disagree(day, stale, document)) crossings += 1;
    else if (day.signal.aborted) return null;
  }
  return `a server with stale flags: ${cohort} is flipped, and it opens the old editor still; ${CROSSINGS} of its saves crossed pushes of the same document`;
};

async function disagree(
  { documents }: SchoolDay,
  stale: Pick<SchoolDay['documents'], 'pathFor'>,
  { id, owner }: SchoolDocument,
): Promise<boolean> {
  const [now, then] = await Promise.all([
    documents.pathFor({ id, user: owner }),
    stale.pathFor({ id, user: owner }),
  ]);
  return now === 'local-first' && then === 'legacy';
}
