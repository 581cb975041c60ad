import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStarterConfig, writeStarterConfig } from '../../src/config/starter.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dualpath-starter-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('writes the commented config of the package where there is none', async () => {
  const path = join(folder, 'cohorts.yaml');
  await writeStarterConfig(path);
  expect(readFileSync(path, 'utf8')).toBe(await readStarterConfig());
});

test('never touches a file that is there', async () => {
  const path = join(folder, 'mine.yaml');
  writeFileSync(path, 'mine');
  await expect(writeStarterConfig(path)).rejects.toMatchObject({ code: 'config-exists', exitCode: 2 });
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('says why it cannot write', async () => {
  await expect(writeStarterConfig(join(folder, 'no', 'cohorts.yaml'))).rejects.toMatchObject({
    code: 'config-unwritable',
    exitCode: 2,
    message: expect.stringContaining('its folder does not exist'),
  });
});
