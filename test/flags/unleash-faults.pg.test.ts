import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GUARD, wantedStrategies } from '../../src/core/flag-plan.ts';
import { openFlags } from '../../src/flags/open.ts';
import type { FlagPort } from '../../src/flags/port.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN, flagConfig } from '../support/flag-config.ts';
import { sharedUnleash } from '../support/unleash.ts';
import { COHORTS, implied, USERS } from './overlap.ts';

const unleash = sharedUnleash();
const wanted = (...on: readonly string[]) => wantedStrategies(COHORTS, new Set(on));

let proxy: FaultProxy;
let flags: FlagPort;
/** The same, and quick to give up: for faults that would last for ever. */
let hasty: FlagPort;
let prefix = '';
let count = 0;
const escaped: unknown[] = [];
const onEscape = (error: unknown): void => {
  escaped.push(error);
};

beforeAll(async () => {
  process.on('unhandledRejection', onEscape);
  proxy = await startFaultProxy(unleash.url);
});
beforeEach(async () => {
  proxy.heal();
  prefix = `faults-${++count}`;
  flags = openFlags(flagConfig({ url: proxy.url, prefix }));
  hasty = openFlags(flagConfig({ url: proxy.url, prefix }), { timeoutMs: 2_000 });
  await flags.prepare(['school']);
  await flags.apply('default', wanted('staff'));
});
afterEach(async () => {
  await flags.close();
  expect(escaped).toEqual([]);
});
afterAll(async () => {
  await proxy?.close();
  process.off('unhandledRejection', onEscape);
});

const isWrite = ({ method }: { method: string }): boolean => method !== 'GET';
const isAddition = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/strategies');
const isRemoval = ({ method }: { method: string }): boolean => method === 'DELETE';

const portFor = ({ kind }: Fault): FlagPort => (kind === 'hang' || kind === 'slow' ? hasty : flags);

/** What a call threw; it holds no token anywhere, however deep one looks. */
async function failure(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await call.then(
    () => expect.fail('it did not fail'),
    (caught: unknown) => caught,
  );
  const everything =
    inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error) + String(error);
  for (const token of [ADMIN_TOKEN, CLIENT_TOKEN])
    for (const part of [token, token.slice(token.indexOf('.') + 1)]) expect(everything).not.toContain(part);
  return error as Record<string, unknown>;
}

const UNAVAILABLE = {
  name: 'UnavailableError',
  code: 'flag-server-unavailable',
  exitCode: 6,
  retryable: true,
};
const UNKNOWN = {
  name: 'FlagOutcomeUnknownError',
  code: 'flag-outcome-unknown',
  exitCode: 5,
  retryable: true,
};
const HTML = { contentType: 'text/html', body: '<html><body>Bad gateway</body></html>' };
const echo = { body: JSON.stringify({ message: 'the token $token is no good' }) };

describe('a fault while looking', () => {
  const CASES: readonly [string, Fault, Record<string, unknown>][] = [
    ['a server that hangs', { kind: 'hang' }, UNAVAILABLE],
    ['a server that is too slow', { kind: 'slow', delayMs: 4_000 }, UNAVAILABLE],
    ['a connection that is reset', { kind: 'reset-before' }, UNAVAILABLE],
    ['an answer that is lost', { kind: 'reset-after' }, UNAVAILABLE],
    ['500 in HTML', { kind: 'status', status: 500, ...HTML }, UNAVAILABLE],
    ['502 from a proxy', { kind: 'status', status: 502, ...HTML }, UNAVAILABLE],
    ['429', { kind: 'status', status: 429 }, UNAVAILABLE],
    ['401', { kind: 'status', status: 401, ...echo }, { code: 'flag-token-refused', exitCode: 2 }],
    ['403', { kind: 'status', status: 403, ...echo }, { code: 'flag-token-not-allowed', exitCode: 2 }],
    ['400', { kind: 'status', status: 400, ...echo }, { code: 'flag-request-refused', exitCode: 2 }],
    [
      'a login page to go to',
      { kind: 'status', status: 302, headers: { location: '/login' } },
      { code: 'flag-url-redirects', exitCode: 2 },
    ],
    ['a page instead of JSON', { kind: 'status', status: 200, ...HTML }, { code: 'flag-url', exitCode: 2 }],
  ];

  it.each(CASES)('%s: is told apart, and the next look succeeds', async (_, fault, expected) => {
    // The history may be closed to a token; the flag itself may not.
    proxy.fail({ ...fault, when: ({ path }) => !path.includes('/search/events') });
    const port = portFor(fault);
    expect(await failure(port.observe('default'))).toMatchObject(expected);
    expect(await failure(port.evaluate('default', USERS))).toMatchObject(expected);
    proxy.heal();
    expect((await flags.observe('default')).enabled).toBe(true);
    expect(await flags.evaluate('default', USERS)).toEqual(implied(['staff']));
  });

  it('a history that the token may not read names nobody, and the flag is seen all the same', async () => {
    proxy.fail({ kind: 'status', status: 403, when: ({ path }) => path.includes('/search/events') });
    expect(await flags.observe('default')).toMatchObject({ enabled: true, changes: [] });
  });

  it('the SDK failing where a plain request succeeds is an unreachable server, not an answer', async () => {
    for (const kind of ['hang', 'reset-before', 'status'] as const) {
      proxy.fail({ kind, status: 503, when: ({ path }) => path.endsWith('/api/client/features') });
      expect(await failure(hasty.evaluate('default', USERS))).toMatchObject(UNAVAILABLE);
    }
    proxy.heal();
    expect(await flags.evaluate('default', USERS)).toEqual(implied(['staff']));
  });
});

describe('a fault while writing', () => {
  const CASES: readonly [string, Fault, Record<string, unknown>][] = [
    ['an answer lost after the write was done', { kind: 'reset-after' }, UNKNOWN],
    ['a connection reset before anything was done', { kind: 'reset-before' }, UNKNOWN],
    ['a server that hangs', { kind: 'hang' }, UNKNOWN],
    ['500', { kind: 'status', status: 500 }, UNKNOWN],
    ['502 in HTML', { kind: 'status', status: 502, ...HTML }, UNKNOWN],
    ['429', { kind: 'status', status: 429 }, UNAVAILABLE],
    ['401', { kind: 'status', status: 401, ...echo }, { code: 'flag-token-refused', exitCode: 2 }],
    ['403', { kind: 'status', status: 403, ...echo }, { code: 'flag-token-not-allowed', exitCode: 2 }],
    ['404', { kind: 'status', status: 404, ...echo }, { code: 'flag-not-found', exitCode: 2 }],
    ['409', { kind: 'status', status: 409, ...echo }, { code: 'flag-conflict', exitCode: 5 }],
    ['415', { kind: 'status', status: 415, ...echo }, { code: 'flag-request-refused', exitCode: 2 }],
    ['400', { kind: 'status', status: 400, ...echo }, { code: 'flag-request-refused', exitCode: 2 }],
  ];

  it.each(CASES)(
    '%s: stops at that write without trying it again, and the next call converges',
    async (_, fault, expected) => {
      const target = wanted('pilot-school', 'tenth');
      proxy.heal();
      proxy.fail({ ...fault, when: isAddition, times: 1 });
      expect(await failure(portFor(fault).apply('default', target, wanted('staff')))).toMatchObject(expected);
      expect(proxy.seen.filter(isWrite)).toHaveLength(1);
      proxy.heal();
      await flags.apply('default', target, (await flags.observe('default')).strategies);
      expect(await flags.evaluate('default', USERS)).toEqual(implied(['pilot-school', 'tenth']));
      expect((await flags.observe('default')).strategies).toHaveLength(target.length);
    },
  );

  it('an answer lost after a removal was done is not known either, and the next call converges', async () => {
    proxy.fail({ kind: 'reset-after', when: isRemoval, times: 1 });
    expect(await failure(flags.apply('default', wanted(), wanted('staff')))).toMatchObject(UNKNOWN);
    await flags.apply('default', wanted(), (await flags.observe('default')).strategies);
    expect(await flags.evaluate('default', USERS)).not.toContain(true);
  });

  it('a write that was believed lost and was then done twice leaves one strategy', async () => {
    proxy.fail({ kind: 'slow', delayMs: 4_000, when: isAddition, times: 1 });
    const target = wanted('staff', 'everyone');
    expect(await failure(hasty.apply('default', target, wanted('staff')))).toMatchObject(UNKNOWN);
    await flags.apply('default', target, wanted('staff'));
    await expect
      .poll(async () => (await flags.observe('default')).strategies.length, { timeout: 10_000 })
      .toBe(4);
    await flags.apply('default', target, target);
    expect((await flags.observe('default')).strategies).toHaveLength(3);
    expect(await flags.evaluate('default', USERS)).toEqual(implied(['staff', 'everyone']));
  });

  it.each(['reset-after', 'reset-before'] as const)(
    'a preparation cut short anywhere by %s is finished by the next, and never opens a flag',
    async (kind) => {
      const port = (cut: number) =>
        openFlags(flagConfig({ url: proxy.url, prefix: `${prefix}-${kind}-${cut}` }));
      for (let cut = 1, died = true; died; cut += 1) {
        let writes = 0;
        proxy.fail({ kind, times: 1, when: (seen) => isWrite(seen) && ++writes === cut });
        died = await port(cut)
          .prepare([`school-${kind}-${cut}`])
          .then(
            () => false,
            () => true,
          );
        for (const role of ['dual_write', 'default'] as const) {
          if ((await port(cut).observe(role)).enabled)
            expect(await port(cut).evaluate(role, USERS)).not.toContain(true);
        }
        proxy.heal();
        await port(cut).prepare([`school-${kind}-${cut}`]);
        for (const role of ['dual_write', 'default'] as const)
          expect(await port(cut).observe(role)).toMatchObject({ enabled: true, strategies: [GUARD] });
        // The context field, and for each flag: create it, add its guard, switch it on.
        if (!died) expect(cut).toBe(8);
      }
    },
  );
});

describe('a server that is not there', () => {
  it('is unavailable for every call, since nothing can have been written', async () => {
    const gone = await startFaultProxy(unleash.url);
    const alone = openFlags(flagConfig({ url: gone.url, prefix }));
    await gone.close();
    for (const call of [
      () => alone.prepare(['school']),
      () => alone.observe('default'),
      () => alone.apply('default', wanted()),
      () => alone.evaluate('default', USERS),
    ])
      expect(await failure(call())).toMatchObject(UNAVAILABLE);
  });
});

describe('a program that has looked at the flags', () => {
  const program = `
    const { openFlags } = await import(process.env.BUILT);
    const { url, clientToken, ...rest } = JSON.parse(process.env.OPTIONS);
    const held = (value) => ({ reveal: () => value });
    const config = { ...rest, url: held(url), clientToken: held(clientToken) };
    const flags = openFlags(config, { timeoutMs: 2000 });
    const said = await flags.evaluate('default', [{ id: 'u-1', attributes: {} }]).catch((error) => error.code);
    await flags.close();
    console.log(JSON.stringify(said));`;
  const BUILT = new URL('../../dist/flags/open.js', import.meta.url).href;

  it.each(['healthy', 'hang'] as const)('ends by itself and quietly (%s server)', async (how) => {
    if (how === 'hang')
      proxy.fail({ kind: 'hang', when: ({ path }) => path.endsWith('/api/client/features') });
    const config = { ...flagConfig({ prefix }), url: proxy.url, clientToken: CLIENT_TOKEN };
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, BUILT, OPTIONS: JSON.stringify(config) },
    });
    const ended = once(child, 'exit');
    const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([JSON.parse(said), complained]).toEqual([how === 'hang' ? 'flag-server-unavailable' : [true], '']);
    expect(await ended).toEqual([0, null]);
  });
});

describe('a token', () => {
  it('that is wrong, or of the wrong kind, is a mistake in the config and says which key', async () => {
    const bad = (adminToken: string, clientToken: string) =>
      openFlags(flagConfig({ url: unleash.url, prefix, adminToken, clientToken }));
    const swapped = bad(CLIENT_TOKEN, 'default:production.some-other-secret');
    expect(await failure(swapped.observe('default'))).toMatchObject({
      code: 'flag-token-not-allowed',
      exitCode: 2,
      message: expect.stringContaining('admin_token'),
    });
    expect(await failure(swapped.evaluate('default', USERS))).toMatchObject({
      code: 'flag-token-refused',
      exitCode: 2,
      message: expect.stringContaining('client_token'),
    });
  });

  it('of the other kind is not looked up where it is not needed', async () => {
    const unset = `$${'{DUALPATH_NOT_SET}'}`;
    const observer = openFlags(flagConfig({ url: unleash.url, prefix, adminToken: unset }));
    expect(await observer.evaluate('default', USERS)).toEqual(implied(['staff']));
    expect(await failure(observer.observe('default'))).toMatchObject({
      code: 'missing-variable',
      exitCode: 2,
    });
    const writer = openFlags(flagConfig({ url: unleash.url, prefix, clientToken: unset }));
    expect(await writer.observe('default')).toMatchObject({ enabled: true });
  });

  it('does not show when the port itself is printed', async () => {
    await flags.evaluate('default', USERS);
    const printed = inspect(flags, { depth: null, showHidden: true });
    expect(printed).not.toContain('adminsecret');
    expect(printed).not.toContain('clientsecret');
  });
});

describe('the project and environment of the config', () => {
  it('are named when Unleash does not know them', async () => {
    const elsewhere = openFlags(flagConfig({ url: unleash.url, prefix, project: 'nope' }));
    expect(await failure(elsewhere.prepare([]))).toMatchObject({ exitCode: 5, code: 'flag-name-taken' });
    const other = openFlags(
      flagConfig({ url: unleash.url, prefix, environment: 'staging', clientToken: CLIENT_TOKEN }),
    );
    expect(await failure(other.observe('default'))).toMatchObject({
      code: 'flag-environment',
      exitCode: 2,
      remedy: expect.stringContaining('production'),
    });
    expect(await failure(other.evaluate('default', USERS))).toMatchObject({
      code: 'flag-token-environment',
      exitCode: 2,
    });
  });
});
