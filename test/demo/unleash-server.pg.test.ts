import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startUnleash } from '../../src/demo/unleash-server.ts';
import { freshDatabase, urlOf } from '../support/database.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';

const secrets = { adminToken: ADMIN_TOKEN, clientToken: CLIENT_TOKEN };
const BUILT = fileURLToPath(new URL('../../dist/demo/unleash-server.js', import.meta.url));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('is the real unleash-server, on this machine alone, and ends when it is told to', async () => {
  const { url: databaseUrl } = await freshDatabase({ migrated: false });
  const server = await startUnleash({ databaseUrl, secrets });
  try {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ health: 'GOOD' });
    const config = await fetch(`${server.url}/api/admin/ui-config`, {
      headers: { authorization: ADMIN_TOKEN },
    });
    const installed = dirname(createRequire(import.meta.url).resolve('unleash-server'));
    const { name, version } = JSON.parse(readFileSync(join(installed, '../../package.json'), 'utf8'));
    expect({ name, version }).toEqual({ name: 'unleash-server', version: '7.5.1' });
    expect(await config.json()).toMatchObject({ environment: 'Open Source', version });
    const strategies = await fetch(`${server.url}/api/admin/strategies`, {
      headers: { authorization: ADMIN_TOKEN },
    });
    expect(await strategies.json()).toMatchObject({
      strategies: expect.arrayContaining([expect.objectContaining({ name: 'flexibleRollout' })]),
    });
    const client = await fetch(`${server.url}/api/client/features`, {
      headers: { authorization: CLIENT_TOKEN },
    });
    expect(await client.json()).toMatchObject({ version: 2, query: { environment: 'production' } });
  } finally {
    await server.stop();
  }
  expect(alive(server.pid)).toBe(false);
  await server.stop();
});

it('says why it does not start, without the password in the address of its database', async () => {
  const databaseUrl = urlOf('no_such_database', { user: 'postgres', password: 'pa55-word' });
  const error = await startUnleash({ databaseUrl, secrets }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unleash-server-start', exitCode: 6 });
  expect(JSON.stringify(error)).not.toMatch(/pa55-word|adminsecret|clientsecret/);
});

it('ends with the program that started it, even when that is killed', async () => {
  const { url: databaseUrl } = await freshDatabase({ migrated: false });
  const program = `
    const { startUnleash } = await import(process.env.BUILT);
    const server = await startUnleash(JSON.parse(process.env.OPTIONS));
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, BUILT, OPTIONS: JSON.stringify({ databaseUrl, secrets }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.setEncoding('utf8').once('data', (line) => resolve(Number(line))),
  );
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => alive(pid), { timeout: 20_000 }).toBe(false);
});

it('goes on after the program that released it, and ends with its database', async () => {
  const database = await freshDatabase({ migrated: false });
  const databaseUrl = database.url;
  const program = `
    const { startUnleash } = await import(process.env.BUILT);
    const server = await startUnleash(JSON.parse(process.env.OPTIONS));
    server.release();
    console.log(JSON.stringify({ pid: server.pid, url: server.url }));`;
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, BUILT, OPTIONS: JSON.stringify({ databaseUrl, secrets }) },
    encoding: 'utf8',
    timeout: 55_000,
  });
  const { pid, url } = JSON.parse(done.stdout) as { pid: number; url: string };
  try {
    expect((await fetch(`${url}/health`)).status).toBe(200);
  } finally {
    await database.drop();
  }
  await expect.poll(() => alive(pid), { timeout: 20_000 }).toBe(false);
});

it('says in one sentence how to install it where it is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-bare-'));
  try {
    mkdirSync(join(folder, 'demo'));
    for (const file of ['demo/unleash-server.js', 'demo/peers.js', 'errors.js'])
      cpSync(join(dirname(BUILT), '..', file), join(folder, file));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const program = `
      const { startUnleash } = await import('./demo/unleash-server.js');
      await startUnleash({ databaseUrl: 'postgres://127.0.0.1/x', secrets: { adminToken: 'a', clientToken: 'b' } })
        .catch((error) => console.log(JSON.stringify(error)));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'unleash-server-missing',
      exitCode: 2,
      remedy: 'Run: npm install --save-dev unleash-server@7.5.1',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
