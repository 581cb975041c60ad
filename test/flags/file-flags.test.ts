import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wantedStrategies } from '../../src/core/flag-plan.ts';
import { openFlags } from '../../src/flags/open.ts';
import type { FlagPort } from '../../src/flags/port.ts';
import { flagConfig } from '../support/flag-config.ts';
import { COHORTS, COMPLETING, implied, STEPS, USERS } from './overlap.ts';

let folder: string;
let path: string;
let flags: FlagPort;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dualpath-flags-'));
  path = join(folder, 'flags.json');
  flags = openFlags(flagConfig({ provider: 'file', path: 'flags.json' }), { baseFolder: folder });
});

afterEach(async () => {
  await flags.close();
  await rm(folder, { recursive: true });
});

const wanted = (on: readonly string[]) => wantedStrategies(COHORTS, new Set(on));
const readDocument = async () => JSON.parse(await readFile(path, 'utf8'));

/** Somebody edits the file by hand. */
async function edit(change: (feature: Record<string, unknown>) => void): Promise<void> {
  const document = await readDocument();
  change(document.features.find(({ name }: { name: string }) => name === 'local-first.default'));
  await writeFile(path, JSON.stringify(document));
}

describe('flags in a file', () => {
  it('answers for every user what the cohorts imply, at each step forward and back', async () => {
    await flags.prepare(['school', 'role']);
    let before: readonly string[] = [];
    for (const on of STEPS) {
      await flags.apply('default', wanted(on), wanted(before));
      expect(await flags.evaluate('default', USERS), `on: ${on.join(', ') || 'none'}`).toEqual(implied(on));
      before = on;
    }
  });

  it('answers the same while cohorts complete and leave dual_write from the front', async () => {
    await flags.prepare([]);
    for (const on of COMPLETING) {
      await flags.apply('dual_write', wanted(on));
      expect(await flags.evaluate('dual_write', USERS), `on: ${on.join(', ')}`).toEqual(implied(on));
    }
  });

  it('creates the file with both flags on and nobody in them, and leaves it alone the next time', async () => {
    await flags.prepare([]);
    const first = await readFile(path, 'utf8');
    expect(JSON.parse(first).features).toMatchObject([
      { name: 'local-first.dual-write', enabled: true, strategies: [{ parameters: { rollout: '0' } }] },
      { name: 'local-first.default', enabled: true, strategies: [{ parameters: { rollout: '0' } }] },
    ]);
    await flags.prepare([]);
    expect(await readFile(path, 'utf8')).toBe(first);
    expect(await flags.evaluate('default', USERS)).not.toContain(true);
    expect(await readdir(folder)).toEqual(['flags.json']);
  });

  it('keeps the other flags of the document, and follows a link instead of replacing it', async () => {
    const target = join(folder, 'real.json');
    const other = { name: 'dark-mode', enabled: true, strategies: [{ name: 'default' }], owner: 'design' };
    await writeFile(target, JSON.stringify({ version: 2, features: [other], segments: [], note: 'ours' }));
    await symlink(target, path);
    await flags.prepare([]);
    await flags.apply('default', wanted(['staff']));
    const document = JSON.parse(await readFile(target, 'utf8'));
    expect(document).toMatchObject({ note: 'ours', features: [other, {}, {}] });
  });

  it('reports what was changed by hand, with when, and writes nothing over it', async () => {
    await flags.prepare([]);
    await flags.apply('default', wanted(['staff']));
    await edit((feature) => {
      (feature.strategies as { parameters: { rollout: string } }[])[0] = {
        ...(feature.strategies as { parameters: { rollout: string } }[])[0],
        parameters: { rollout: '40' },
      };
    });
    const edited = await readFile(path, 'utf8');
    const error = await flags.apply('default', wanted([]), wanted(['staff'])).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'flags-changed', exitCode: 5 });
    expect(await readFile(path, 'utf8')).toBe(edited);
    expect((await flags.observe('default')).lastChange?.at).toMatch(/^\d{4}-.*Z$/);
  });

  it('refuses to switch on again what somebody switched off', async () => {
    await flags.prepare([]);
    await edit((feature) => {
      feature.enabled = false;
    });
    for (const attempt of [() => flags.prepare([]), () => flags.apply('default', wanted(['staff']))])
      await expect(attempt()).rejects.toMatchObject({ code: 'flags-changed', exitCode: 5 });
  });

  it('refuses to take over a flag that is open to somebody', async () => {
    const open = { name: 'local-first.default', enabled: true, strategies: [{ name: 'default' }] };
    await writeFile(path, JSON.stringify({ version: 2, features: [open] }));
    await expect(flags.prepare([])).rejects.toMatchObject({ code: 'flags-changed' });
  });

  it.each([
    ['not JSON', '{'],
    ['no features', '{"version": 2}'],
    ['features of another form', '{"version": 2, "features": [{"name": 7}]}'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('refuses a file with %s as a mistake in the file', async (_, text) => {
    await writeFile(path, text);
    for (const attempt of [
      () => flags.prepare([]),
      () => flags.observe('default'),
      () => flags.evaluate('default', USERS),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'flags-file', exitCode: 2 });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('says that a flag is not there rather than answering no for everyone', async () => {
    await expect(flags.evaluate('default', USERS)).rejects.toMatchObject({
      code: 'flag-not-visible',
      exitCode: 2,
    });
  });

  it('needs no token and no address', async () => {
    const unset = `$${'{DUALPATH_NOT_SET}'}`;
    const bare = openFlags(
      flagConfig({ provider: 'file', path, url: unset, adminToken: unset, clientToken: unset }),
    );
    await bare.prepare([]);
    expect(await bare.evaluate('default', USERS.slice(0, 1))).toEqual([false]);
  });
});
