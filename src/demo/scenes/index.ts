import { busRide } from './bus-ride.ts';
import { killedServer } from './killed-server.ts';
import { oldClient } from './old-client.ts';
import { onePlace } from './one-place.ts';
import type { Scene } from './scene.ts';
import { staleFlags } from './stale-flags.ts';
import { twoTabs } from './two-tabs.ts';
import { weekOffline } from './week-offline.ts';

/** What happens, each in the cohort at that place of the rollout order. */
export const SCENES: readonly { readonly name: string; readonly place: number; readonly play: Scene }[] = [
  { name: 'week-offline', place: 0, play: weekOffline },
  { name: 'stale-flags', place: 0, play: staleFlags },
  { name: 'killed-server', place: 1, play: killedServer },
  { name: 'bus-ride', place: 1, play: busRide },
  { name: 'two-tabs', place: 2, play: twoTabs },
  { name: 'old-client', place: 3, play: oldClient },
  { name: 'one-place', place: 3, play: onePlace },
];
