import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { readStarterConfig } from '../../src/config/starter.ts';
import type { UsageError } from '../../src/errors.ts';
import { configOf, SHORTEST } from './support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dualpath-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const refusal = (path: string): Promise<UsageError> =>
  loadConfig(path).then(
    () => Promise.reject(new Error('it was read')),
    (error: UsageError) => error,
  );

describe('the file at the top of the package', () => {
  test('works as it stands, with the embedded database and flags in a file', async () => {
    const { config } = await loadConfig(join(root, 'cohorts.yaml'), {});
    expect(config.database).toBe('embedded');
    expect(config.flags).toMatchObject({ provider: 'file', path: 'flags.json' });
    expect(config.cohorts.map(({ name, definition }) => [name, definition])).toEqual([
      ['staff', { users: ['u-1', 'u-2'] }],
      ['pilot-school', { match: { school: ['lincoln-high'] } }],
      ['tenth', { percent: 10 }],
      ['everyone', { everyone: true }],
    ]);
  });

  test('is what `init` writes where there is none', async () => {
    const starter = file('starter.yaml', await readStarterConfig());
    const { config } = await loadConfig(starter, {});
    const { config: own } = await loadConfig(join(root, 'cohorts.yaml'), {});
    expect(JSON.stringify(config)).toBe(JSON.stringify(own));
  });

  test('says nothing but the defaults, apart from cohorts and flags', async () => {
    const { config } = await loadConfig(join(root, 'cohorts.yaml'), {});
    const defaults = configOf(SHORTEST);
    const { staff, ...rest } = Object.fromEntries(config.cohorts.map((cohort) => [cohort.name, cohort]));
    expect(staff?.soak).toEqual({ ...defaults.cohorts[0]?.soak, minObservations: 50, maxMismatchRate: 0.06 });
    for (const { soak, bake, approval } of Object.values(rest))
      expect({ soak, bake, approval }).toEqual({
        soak: defaults.cohorts[0]?.soak,
        bake: defaults.cohorts[0]?.bake,
        approval: defaults.cohorts[0]?.approval,
      });
    const { cohorts: _, users, ...others } = config;
    const { cohorts: __, users: ___, ...othersByDefault } = defaults;
    expect(users.attributes).toEqual({ school: 'school_id' });
    expect(JSON.stringify(others)).toBe(JSON.stringify(othersByDefault));
  });

  test('is ready for production once its commented lines are taken in', async () => {
    const text = (await readStarterConfig())
      .replace('database: embedded\n', '')
      .replace('# database:', 'database:')
      .replace(/^flags:\n(?: .*\n)+/m, '')
      .replace(/^# flags:\n(?:# {3}.*\n)+/m, (block) => block.replaceAll(/^# /gm, ''))
      .replaceAll(/^ {2}# (where:|collaborators:| {2}(?:table|document|user):)/gm, '  $1');
    const env = {
      DATABASE_URL: 'postgres://u:p@db/app',
      UNLEASH_URL: 'https://unleash.test',
      UNLEASH_ADMIN_TOKEN: 'a',
    };
    const config = configOf(text, env);
    expect(config.database).toBe('postgres://u:p@db/app');
    expect(config.documents.where).toBe('deleted_at is null');
    expect(config.documents.collaborators).toEqual({
      table: 'public.collaborators',
      document: 'document_id',
      user: 'user_id',
    });
    expect(config.flags.provider).toBe('unleash');
    expect([config.flags.url.reveal(), config.flags.adminToken.reveal()]).toEqual([
      'https://unleash.test',
      'a',
    ]);
  });
});

describe('a path', () => {
  test('is made absolute, and local state goes beside the file', async () => {
    const path = file('here.yaml', SHORTEST);
    expect(await loadConfig(path)).toMatchObject({
      path,
      directory: folder,
      stateDirectory: join(folder, '.dualpath'),
    });
  });

  test('where there is nothing says how to write a file', async () => {
    const error = await refusal(join(folder, 'none.yaml'));
    expect([error.code, error.exitCode]).toEqual(['config-not-found', 2]);
    expect(error.remedy).toContain('dualpath init');
  });

  test.each([
    ['a directory', () => folder, 'is a directory'],
    ['below a file', () => join(file('plain', ''), 'cohorts.yaml'), 'a part of the path is not a directory'],
    [
      'a link to itself',
      () => {
        const path = join(folder, 'circle.yaml');
        symlinkSync(path, path);
        return path;
      },
      'circle',
    ],
  ])('that is %s says so', async (_, make, why) => {
    const error = await refusal(make());
    expect([error.code, error.exitCode]).toEqual(['config-unreadable', 2]);
    expect(error.message).toContain(why);
  });

  // Root may read anything.
  test.skipIf(process.getuid?.() === 0)('without permission to read it says so', async () => {
    const path = file('locked.yaml', SHORTEST);
    chmodSync(path, 0);
    expect((await refusal(path)).message).toContain('no permission');
  });
});

describe('a file', () => {
  test.each([
    ['nothing', ''],
    ['white space', ' \n\n'],
    ['comments', '# version: 1\n'],
    ['the start of a document', '---\n'],
    ['null', 'null\n'],
  ])('that holds only %s is called empty', async (_, content) => {
    const error = await refusal(file('empty.yaml', content));
    expect([error.code, error.exitCode]).toEqual(['config-invalid', 2]);
    expect(error.message).toContain('is empty');
    expect(error.remedy).toContain('dualpath init');
  });

  test.each([
    ['UTF-16', Buffer.from(`\ufeff${SHORTEST}`, 'utf16le'), 'is not UTF-8 text'],
    ['an image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff), 'is not UTF-8 text'],
    ['of a megabyte', `${SHORTEST}${'#'.repeat(1_000_000)}`, 'bytes long'],
  ])('that is %s is refused as another file', async (_, content, why) => {
    const error = await refusal(file('other.yaml', content));
    expect([error.code, error.exitCode]).toEqual(['config-unreadable', 2]);
    expect(error.message).toContain(why);
  });

  test('may begin with a byte order mark and end its lines as Windows does', async () => {
    const path = file('windows.yaml', `\ufeff${SHORTEST.replaceAll('\n', '\r\n')}`);
    expect((await loadConfig(path)).config.cohorts).toHaveLength(1);
  });

  test('may be JSON', async () => {
    const json = {
      version: 1,
      database: 'embedded',
      documents: {},
      users: {},
      flags: {},
      cohorts: [{ name: 'all', everyone: true }],
    };
    expect((await loadConfig(file('cohorts.json', JSON.stringify(json)))).config.cohorts[0]?.name).toBe(
      'all',
    );
  });

  test('is read the same wherever its folder is', async () => {
    mkdirSync(join(folder, 'a b'));
    copyFileSync(join(root, 'cohorts.yaml'), join(folder, 'a b', 'Cohorts ü.yaml'));
    const { directory } = await loadConfig(join(folder, 'a b', 'Cohorts ü.yaml'));
    expect(directory).toBe(join(folder, 'a b'));
  });
});
