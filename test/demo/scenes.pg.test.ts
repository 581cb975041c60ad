import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { busRide } from '../../src/demo/scenes/bus-ride.ts';
import { killedServer } from '../../src/demo/scenes/killed-server.ts';
import { oldClient } from '../../src/demo/scenes/old-client.ts';
import { onePlace } from '../../src/demo/scenes/one-place.ts';
import { staleFlags } from '../../src/demo/scenes/stale-flags.ts';
import { twoTabs } from '../../src/demo/scenes/two-tabs.ts';
import { weekOffline } from '../../src/demo/scenes/week-offline.ts';
import { type OneDocument, openOneDocument } from './school.ts';

let folder: string;
let school: OneDocument;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dualpath-scenes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  school = await openOneDocument(folder);
});

/** Only against hanging. */
const PATIENT = { timeout: 30_000 };

const play = (scene: typeof busRide) => scene(school.day, 'everyone', school.document);
const conflicts = () => school.store.sql('select class, reasons from dualpath.conflicts');
const receipts = (...kinds: readonly string[]) =>
  school.store.sql(
    'select kind, outcome, count(*)::int as times from dualpath.receipts where kind = any($1) group by 1, 2 order by 1, 3 desc',
    kinds,
  );

/** Asked after a scene: each word is acknowledged and stands once, in both stores. */
const expectAllThere = async (words: number) =>
  expect(await school.count()).toEqual({ words, unsettled: 0, lost: 0, doubled: 0 });

describe('in a scene of the demo no word is lost or doubled:', () => {
  it('a bus ride', async () => {
    expect(await play(busRide)).toMatch(/a bus ride: .* typed 12 words/);
    await expectAllThere(14);
    expect(await conflicts()).toEqual([]);
  });

  it('a week offline, during which the paragraph became a quotation', async () => {
    const scene = play(weekOffline);
    await expect.poll(async () => (await school.count()).words, PATIENT).toBeGreaterThan(0);
    await school.enter('baking');
    await expect.poll(() => receipts('save'), PATIENT).not.toEqual([]);
    await school.enter('completed');
    expect(await scene).toMatch(/its push was merged$/);
    expect(await school.count()).toMatchObject({ unsettled: 0, lost: 0, doubled: 0 });
  });

  it('one tab on each path, where the old one never learns of merging', async () => {
    expect(await play(twoTabs)).toMatch(/8 saves and 8 pushes/);
    await expectAllThere(16);
  });

  it('a server with stale flags, from the flip on', async () => {
    const scene = play(staleFlags);
    await school.enter('baking');
    expect(await scene).toMatch(/stale flags/);
    expect(await school.count()).toMatchObject({ unsettled: 0, lost: 0, doubled: 0 });
  });

  it('a server killed before its commit, and one after it', async () => {
    expect(await play(killedServer)).toMatch(/the save was saved, the push a duplicate$/);
    await expectAllThere(2);
    expect(await receipts('save', 'push')).toEqual([
      { kind: 'push', outcome: 'applied', times: 1 },
      { kind: 'push', outcome: 'duplicate', times: 1 },
      { kind: 'save', outcome: 'saved', times: 1 },
    ]);
  });

  it('a client that names nothing', async () => {
    const scene = play(oldClient);
    await expect.poll(async () => (await school.count()).words, PATIENT).toBeGreaterThan(1);
    await school.enter('completed');
    school.goHome();
    expect(await scene).toMatch(/names neither device nor base/);
    expect(await school.count()).toMatchObject({ unsettled: 0, lost: 0, doubled: 0 });
    expect(await conflicts()).toEqual([]);
  });

  it('two texts at one place, which a person is asked to look at', async () => {
    expect(await play(onePlace)).toMatch(/conflict \d+/);
    await expectAllThere(2);
    expect(await conflicts()).toEqual([
      { class: 'needs-review', reasons: expect.arrayContaining(['same-gap']) },
    ]);
  });
});

it('a scene for which everybody went home too early says nothing, and owes nobody a word', async () => {
  await school.enter('planned');
  school.goHome();
  for (const scene of [busRide, weekOffline, twoTabs, staleFlags, killedServer, onePlace])
    expect(await play(scene)).toBeNull();
  await expectAllThere(0);
});
