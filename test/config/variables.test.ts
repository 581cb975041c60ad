// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the file, which look like that
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { secret } from '../../src/config/secret.ts';
import { substitute } from '../../src/config/substitute.ts';
import { UsageError } from '../../src/errors.ts';
import { cohorts, configOf, errorOf, fileWith, linesOf, SHORTEST } from './support.ts';

describe('a variable', () => {
  const substituted = (source: string, env: Record<string, string> = {}): string =>
    substitute(source, env).value;

  test.each([
    ['${A}', 'x'],
    ['${A}${B}', 'xy z'],
    ['-${A}-', '-x-'],
    ['${NONE:-d}', 'd'],
    ['${NONE:-}', ''],
    ['${NONE:-a:-b $1}', 'a:-b $1'],
    ['${EMPTY:-d}', 'd'],
    ['${A:-d}', 'x'],
    ['$$', '$'],
    ['$${A}', '${A}'],
    ['$$${A}', '$x'],
    ["a ~ '^b$'", "a ~ '^b$'"],
    ['$A', '$A'],
    ['$1 and {A}', '$1 and {A}'],
  ])('in %j gives %j', (source, value) => {
    expect(substituted(source, { A: 'x', B: 'y z', EMPTY: '' })).toBe(value);
  });

  test('is replaced once: what it holds is not looked at again', () => {
    expect(substituted('${A}', { A: '${B} $$', B: 'no' })).toBe('${B} $$');
  });

  test('is replaced after parsing, so it cannot change what the file means', () => {
    const text = fileWith({ documents: 'documents:\n  where: ${WHERE}' });
    const where = "a = 'b' # c\nflags: {}\n- \"x";
    expect(configOf(text, { WHERE: where }).documents.where).toBe(where);
  });

  test('gives a number where a number is wanted', () => {
    const text = `${fileWith({ cohorts: cohorts('{ name: a, percent: "${P}" }') })}soak: { max_mismatch_rate: "${'${R:-0.5}'}" }\n`;
    const [cohort] = configOf(text, { P: '10' }).cohorts;
    expect(cohort?.definition).toEqual({ percent: 10 });
    expect(cohort?.soak.maxMismatchRate).toBe(0.5);
  });

  test('that gives no number where one is wanted is reported as it is written', () => {
    const text = fileWith({ cohorts: cohorts('{ name: a, percent: "${P}" }') });
    expect(linesOf(text, { P: 'hunter2' })).toEqual([
      expect.stringContaining('cohorts[0].percent is "${P}". Write a whole number from 1 to 100'),
    ]);
  });

  test('keeps ids text, whatever they look like', () => {
    const text = fileWith({ cohorts: cohorts('{ name: a, users: ["${ID}"] }') });
    expect(configOf(text, { ID: '007' }).cohorts[0]?.definition).toEqual({ users: ['007'] });
  });

  test('that is not set is a mistake, with its name and place, and the only one there', () => {
    expect(linesOf(fileWith({ database: 'database: ${DATABASE_URL}' }))).toEqual([
      '2:11 database is taken from the environment variable DATABASE_URL, which is not set or is empty. Set DATABASE_URL, or give it a default: ${DATABASE_URL:-…}.',
    ]);
  });

  test('that is empty counts as not set: so CI hands over a secret it does not know', () => {
    expect(linesOf(fileWith({ database: 'database: ${DATABASE_URL}' }), { DATABASE_URL: '' })).toHaveLength(
      1,
    );
  });

  test.each(['${', '${}', '${1A}', '${A-b}', '${A', '${A:-${B}}', '${A B}'])(
    'written %s is a mistake',
    (source) => {
      const [line, ...others] = linesOf(
        `${SHORTEST}documents_: 1\n`.replace('documents: {}', `documents: { where: '${source}' }`),
        { A: 'x' },
      );
      expect(line).toContain('documents.where holds a ${ that begins no variable');
      expect(others).toHaveLength(1);
    },
  );

  test('in a key is no variable', () => {
    expect(linesOf(`${SHORTEST}"\${A}": 1\n`, { A: 'keep' })[0]).toContain('"${A}" is an unknown key');
  });

  test('holding a secret in the wrong place is not shown', () => {
    const error = errorOf(fileWith({ documents: 'documents: { table: "${T}" }' }), { T: 'hunter 2' });
    expect(error.message).toContain('documents.table is "${T}"');
    expect(JSON.stringify(error.details)).not.toContain('hunter');
  });
});

const UNLEASH = fileWith({
  flags:
    'flags:\n  url: ${UNLEASH_URL}\n  admin_token: ${UNLEASH_ADMIN_TOKEN}\n  client_token: ${UNLEASH_CLIENT_TOKEN:-dev}\n',
});

describe('a token', () => {
  test('is looked up when it is needed: without it the config can be used', () => {
    const { flags } = configOf(UNLEASH, { UNLEASH_URL: 'https://unleash.test' });
    expect(flags.url.reveal()).toBe('https://unleash.test');
    expect(flags.clientToken.reveal()).toBe('dev');
  });

  test('that is missing when it is needed is an error that names the variable and the key', () => {
    const { flags } = configOf(UNLEASH);
    const reveal = (): string => flags.adminToken.reveal();
    expect(reveal).toThrow(UsageError);
    expect(reveal).toThrow(
      'flags.admin_token is taken from the environment variable UNLEASH_ADMIN_TOKEN, which is not set or is empty.',
    );
  });

  test('left out is taken from the variables that the contract names', () => {
    const env = { UNLEASH_URL: 'u', UNLEASH_ADMIN_TOKEN: 'a', UNLEASH_CLIENT_TOKEN: 'c' };
    const { url, adminToken, clientToken } = configOf(fileWith({ flags: 'flags: {}' }), env).flags;
    expect([url, adminToken, clientToken].map((each) => each.reveal())).toEqual(['u', 'a', 'c']);
  });

  test('written in the file is taken as it is', () => {
    const { flags } = configOf(fileWith({ flags: 'flags: { admin_token: "*:*.a$$b" }' }));
    expect(flags.adminToken.reveal()).toBe('*:*.a$b');
  });

  test('with a broken variable is a mistake at once', () => {
    expect(linesOf(fileWith({ flags: 'flags:\n  admin_token: ${UNLEASH\n' }))).toEqual([
      expect.stringContaining('flags.admin_token holds a ${ that begins no variable'),
    ]);
  });

  test.each(['12345', '[hunter2]', '{ hunter2: x }', 'true', '""'])(
    'written as %s is refused without showing it',
    (text) => {
      const error = errorOf(fileWith({ flags: `flags: { admin_token: ${text} }` }));
      expect(error.message).toContain('flags.admin_token is');
      expect(error.message).not.toMatch(/hunter2|12345|true/);
    },
  );

  test('is never printed', () => {
    const token = secret('flags.admin_token', 'hunter2', {});
    const config = configOf(
      fileWith({ flags: 'flags: { admin_token: hunter2, url: "https://u:hunter2@x" }' }),
    );
    const prints = [
      String(token),
      `${token}`,
      JSON.stringify(token),
      inspect(token, { showHidden: true, depth: 9 }),
      inspect({ nested: [token] }),
      Object.values(token).join(),
      JSON.stringify({ ...token }),
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
    ];
    expect(prints.filter((text) => text.includes('hunter2'))).toEqual([]);
    expect(String(token)).toBe('[secret]');
    expect(token.reveal()).toBe('hunter2');
  });
});
