import { setTimeout as sleep } from 'node:timers/promises';
import { DualpathError } from '../errors.ts';
import { openDevice } from './device.ts';
import { openLegacyTab } from './legacy-tab.ts';
import type { Place } from './places.ts';
import type { SchoolDay, SchoolDocument } from './school-day.ts';

/** Human beings pause between two saves. Milliseconds. */
const PAUSE_MS = 120;
/** Words in one sitting. */
const WORDS = 3;
const PLACES: readonly Place[] = ['top', 'body', 'bottom'];

/**
 * A student opens a document with the editor that `pathFor` names at that moment, writes a few words and closes it; then
 * the next one. So a class is on the legacy path until its cohort is flipped, and local-first from then on.
 */
export async function writeEveryDay(
  day: SchoolDay,
  documents: readonly SchoolDocument[],
  device: string,
): Promise<void> {
  for (let sitting = 0; !day.signal.aborted; sitting += 1) {
    const document = pick(documents);
    const place = PLACES[sitting % PLACES.length] ?? 'top';
    const path = await day.documents.pathFor({ id: document.id, user: document.owner });
    if (path === 'legacy') await sitAtLegacy(day, document.id, device, place);
    else await sitAtDevice(day, document.id, device, place);
  }
}

async function sitAtLegacy(day: SchoolDay, id: string, device: string, place: Place): Promise<void> {
  const tab = await openLegacyTab(day.pool, day.documents, { id, device, shows: 'head' });
  for (let word = 0; word < WORDS && !day.signal.aborted; word += 1) {
    await tab.type(place);
    await tab.save();
    await pause(day);
  }
}

async function sitAtDevice(day: SchoolDay, id: string, device: string, place: Place): Promise<void> {
  const replica = await openDevice(day.pool, day.documents, { id, device }).catch((error: unknown) => {
    // Between the two questions it was set aside for a fault: another document, then.
    if (error instanceof DualpathError && error.code === 'quarantined') return null;
    throw error;
  });
  for (let word = 0; replica && word < WORDS && !day.signal.aborted; word += 1) {
    await replica.type(place);
    await replica.push();
    await pause(day);
  }
}

export const pause = (day: SchoolDay, ms = PAUSE_MS): Promise<void> =>
  sleep(ms, undefined, { signal: day.signal }).catch(() => undefined);

function pick(documents: readonly SchoolDocument[]): SchoolDocument {
  const document = documents[Math.floor(Math.random() * documents.length)];
  if (document === undefined) throw new Error('a student without a document');
  return document;
}
