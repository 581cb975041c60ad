import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openFlags } from '../../src/flags/open.ts';
import { redactor, safeCause } from '../../src/flags/redact.ts';
import { checkClientToken, headerToken, unleashOrigin } from '../../src/flags/unleash-url.ts';
import { flagConfig } from '../support/flag-config.ts';

describe('the address of the flag server', () => {
  it.each([
    ['https://u.example.com', 'https://u.example.com'],
    ['https://u.example.com/', 'https://u.example.com'],
    [' https://u.example.com/api ', 'https://u.example.com'],
    ['https://u.example.com/api/client/features', 'https://u.example.com'],
    ['http://127.0.0.1:4242/api/admin/', 'http://127.0.0.1:4242'],
    ['https://example.com/unleash/api/', 'https://example.com/unleash'],
    ['https://example.com/my-api', 'https://example.com/my-api'],
  ])('%j is the server %s', (address, origin) => {
    expect(unleashOrigin(address)).toBe(origin);
  });

  it.each(['', 'unleash.example.com', 'ftp://x', 'https://', 'https://ada:pass-word@u.example.com'])(
    '%j is refused without being quoted',
    (address) => {
      expect(() => unleashOrigin(address)).toThrow(
        expect.objectContaining({ code: 'flag-url', exitCode: 2 }),
      );
      expect(() => unleashOrigin(address)).not.toThrow(/pass-word/);
    },
  );
});

describe('a token', () => {
  it.each(['', '  ', 'two words', 'two\nlines', 'ü'])(
    '%j is refused before a header would quote it',
    (token) => {
      expect(() => headerToken('admin_token', token)).toThrow(
        expect.objectContaining({ code: 'flag-token-malformed', exitCode: 2 }),
      );
    },
  );

  it('may end in a line break, as files do', () => {
    expect(headerToken('admin_token', '*:*.abc\n')).toBe('*:*.abc');
  });

  it('of another environment is refused; one that names none passes', () => {
    expect(() => checkClientToken('default:development.abc', 'production')).toThrow(
      expect.objectContaining({ code: 'flag-token-environment' }),
    );
    for (const token of ['default:production.abc', '[]:production.abc', '*:*.abc', 'abcdef'])
      expect(checkClientToken(token, 'production')).toBe(token);
  });

  it('that cannot be sent never shows in what is thrown', async () => {
    const flags = openFlags(flagConfig({ adminToken: '*:*.sec\nret-value', clientToken: 'sec\rret-value' }));
    for (const call of [() => flags.observe('default'), () => flags.evaluate('default', [])]) {
      const error = await call().catch((caught: unknown) => caught);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('ret-value');
    }
  });

  it('is hidden in whatever form a message holds it', () => {
    const redact = redactor();
    redact.learn('*:*.top/secret');
    expect(redact.hide('a *:*.top/secret b top/secret c top%2Fsecret')).toBe('a *** b *** c ***');
    const cause = safeCause(
      Object.assign(new Error('sent top/secret'), { code: 'EX', request: { token: 'top/secret' } }),
      redact,
    );
    expect(cause).toMatchObject({ message: 'sent ***', code: 'EX' });
    expect(inspect(cause, { depth: null, showHidden: true })).not.toContain('top/secret');
  });
});

describe('an attribute that cannot be a context field', () => {
  it('is refused before anything is written', async () => {
    await expect(openFlags(flagConfig()).prepare(['school', 'userId'])).rejects.toMatchObject({
      code: 'flag-context-field',
      exitCode: 2,
    });
  });
});
