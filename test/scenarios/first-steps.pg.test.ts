import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport } from '../../src/controller.ts';
import { runCli } from '../support/cli.ts';

describe('the first steps in an empty folder, with the config as it is shipped', () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'dualpath-first-'));
    // Else root's data would be made elsewhere, and stay there.
    chmodSync(cwd, 0o711);
  });
  afterAll(async () => {
    await runCli(['database', 'stop'], { cwd });
    rmSync(cwd, { recursive: true, force: true });
  });

  it('init writes cohorts.yaml, and a second init installs into the embedded database', async () => {
    const written = await runCli(['init'], { cwd });
    expect(written).toMatchObject({ exit: 0, stdout: expect.stringContaining('Wrote cohorts.yaml') });
    const installed = await runCli(['init'], { cwd });
    expect(installed).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('The embedded database was empty'),
    });
    expect(await runCli(['init'], { cwd })).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('The control schema is current'),
    });
  });

  it('plan shows the cohorts, and that nothing is there to move', async () => {
    const { exit, stdout, stderr } = await runCli(['plan', '--json'], { cwd });
    expect(exit, stderr).toBe(0);
    const { cohorts } = JSON.parse(stdout) as PlanReport;
    expect(cohorts.map(({ name, documents }) => [name, documents])).toEqual([
      ['staff', 0],
      ['pilot-school', 0],
      ['tenth', 0],
      ['everyone', 0],
    ]);
  });

  it('the embedded database stops and starts again by itself', async () => {
    expect(await runCli(['database', 'stop', '--json'], { cwd })).toMatchObject({
      exit: 0,
      stdout: '{"stopped":true}\n',
    });
    expect(await runCli(['status'], { cwd })).toMatchObject({ exit: 0 });
  });
});
