import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../support/cli.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import { expectNothingLostOrDoubled, openScenario, type Scenario, save } from '../support/scenario.ts';
import { sharedUnleash } from '../support/unleash.ts';

const isAddition: Fault['when'] = ({ method, path }) => method === 'POST' && path.endsWith('/strategies');

describe('Unleash that fails while it is needed', () => {
  const unleash = sharedUnleash();
  let proxy: FaultProxy;
  let scenario: Scenario;

  const flags = (url: string) => ({
    provider: 'unleash',
    url,
    admin_token: ADMIN_TOKEN,
    client_token: CLIENT_TOKEN,
  });

  beforeAll(async () => {
    proxy = await startFaultProxy(unleash.url);
    scenario = await openScenario({ documents: 12, keys: { flags: flags(proxy.url) } });
  });
  afterAll(() => proxy?.close());

  const stage = async (): Promise<string> =>
    (await scenario.database.pool.query<{ stage: string }>('select stage from dualpath.cohorts')).rows[0]
      ?.stage ?? 'none';

  /** What the command says under a fault: no token is in it. */
  async function under(fault: Fault, command: string): Promise<{ exit: number | null; code: string }> {
    proxy.fail(fault);
    const result = await scenario.rollout.try([command, 'everyone', '--json']);
    proxy.heal();
    return told(result);
  }

  function told({ exit, stdout, stderr }: CliResult): { exit: number | null; code: string } {
    for (const token of [ADMIN_TOKEN, CLIENT_TOKEN]) expect(stdout + stderr).not.toContain(token);
    const { error } = JSON.parse(stdout) as { error?: { code: string } };
    return { exit, code: error?.code ?? 'none' };
  }

  async function whileDown(command: string): Promise<{ exit: number | null; code: string }> {
    scenario.rollout.change({ flags: flags('http://127.0.0.1:9') });
    const result = await scenario.rollout.try([command, 'everyone', '--json']);
    scenario.rollout.change({ flags: flags(proxy.url) });
    return told(result);
  }

  describe('at `start`', () => {
    it('down: exit 6', async () => {
      expect(await whileDown('start')).toEqual({ exit: 6, code: 'flag-server-unavailable' });
      expect(await stage()).toBe('dual-writing');
    });

    it.each<[string, Fault, object]>([
      ['401: exit 2', { kind: 'status', status: 401 }, { exit: 2, code: 'flag-token-refused' }],
      [
        '500 on a read: exit 6',
        { kind: 'status', status: 500 },
        { exit: 6, code: 'flag-server-unavailable' },
      ],
      [
        '409 on the write: exit 5',
        { kind: 'status', status: 409, when: isAddition },
        { exit: 5, code: 'flag-conflict' },
      ],
      [
        '500 on the write: exit 5, the outcome is unknown',
        { kind: 'status', status: 500, when: isAddition },
        { exit: 5, code: 'flag-outcome-unknown' },
      ],
      [
        'cut off after the write was carried out: exit 5, the outcome is unknown',
        { kind: 'reset-after', when: isAddition, times: 1 },
        { exit: 5, code: 'flag-outcome-unknown' },
      ],
    ])('%s', async (_, fault, answer) => {
      expect(await under(fault, 'start')).toEqual(answer);
      expect(await stage()).toBe('dual-writing');
    });

    it('slow: it is waited for, and everything that was left open is finished', async () => {
      expect(await under({ kind: 'slow', delayMs: 150 }, 'start')).toEqual({ exit: 0, code: 'none' });
      expect(await stage()).toBe('soaking');
      await expectNothingLostOrDoubled(scenario);
    });
  });

  describe('at `flip`', () => {
    beforeAll(async () => {
      await save(scenario, 'anobservation');
      await scenario.rollout.run(['soak']);
    });

    it('down: exit 6, and it soaks on', async () => {
      expect(await whileDown('flip')).toEqual({ exit: 6, code: 'flag-server-unavailable' });
      expect(await stage()).toBe('soaking');
    });

    it('401: exit 2, and it soaks on', async () => {
      expect(await under({ kind: 'status', status: 401 }, 'flip')).toEqual({
        exit: 2,
        code: 'flag-token-refused',
      });
      expect(await stage()).toBe('soaking');
    });

    it.each<[string, Fault, object]>([
      [
        '409 on the write: exit 5',
        { kind: 'status', status: 409, when: isAddition },
        { exit: 5, code: 'flag-conflict' },
      ],
      [
        '500 on the write: exit 5, the outcome is unknown',
        { kind: 'status', status: 500, when: isAddition },
        { exit: 5, code: 'flag-outcome-unknown' },
      ],
      [
        'cut off after the write was carried out: exit 5, the outcome is unknown',
        { kind: 'reset-after', when: isAddition, times: 1 },
        { exit: 5, code: 'flag-outcome-unknown' },
      ],
    ])('%s', async (_, fault, answer) => {
      expect(await under(fault, 'flip')).toEqual(answer);
      expect(await stage()).toBe('cutting-over');
    });

    it('slow: it is waited for, and the cohort bakes', async () => {
      expect(await under({ kind: 'slow', delayMs: 150 }, 'flip')).toEqual({ exit: 0, code: 'none' });
      expect(await stage()).toBe('baking');
      await expectNothingLostOrDoubled(scenario);
    });
  });
});
