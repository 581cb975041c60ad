import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport, WhyReport } from '../../src/controller.ts';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import { expectNothingLostOrDoubled, openScenario, type Scenario, save } from '../support/scenario.ts';
import { sharedUnleash } from '../support/unleash.ts';

const DUAL_WRITE = 'projects/default/features/local-first.dual-write';
const DEFAULT = 'projects/default/features/local-first.default';
const PRODUCTION = 'environments/production';

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly details: object };
}
interface Environment {
  readonly enabled: boolean;
  readonly strategies: readonly { readonly id: string; readonly title: string }[];
}

describe('flags that people touch by hand, and a rollback without a flag server', () => {
  const unleash = sharedUnleash();
  let proxy: FaultProxy;
  let scenario: Scenario;

  const flags = (url: string) => ({
    provider: 'unleash',
    url,
    admin_token: ADMIN_TOKEN,
    client_token: CLIENT_TOKEN,
  });
  const at = (flag: string): Promise<Environment> =>
    unleash.byHand('jane', 'GET', `${flag}/${PRODUCTION}`) as Promise<Environment>;
  const waitingFor = async (): Promise<string> =>
    (await scenario.rollout.run<StatusReport>(['status'])).cohorts[0]?.waitingFor.join('\n') ?? '';

  beforeAll(async () => {
    proxy = await startFaultProxy(unleash.url);
    scenario = await openScenario({ documents: 12, keys: { flags: flags(proxy.url) } });
    await scenario.rollout.run(['start', 'everyone']);
    await save(scenario, 'anobservation');
    await scenario.rollout.run(['soak']);
  });
  afterAll(() => proxy?.close());

  it('a flag switched off: `flip` refuses and overwrites nothing; `status` and `why` say who and when', async () => {
    await unleash.byHand('jane', 'POST', `${DUAL_WRITE}/${PRODUCTION}/off`);
    const { error } = await scenario.rollout.run<Failure>(['flip', 'everyone'], 5);
    expect(error.message).toContain('dual_write');
    expect(await waitingFor()).toMatch(/local-first\.dual-write.* by jane.* at 20\d\d-/);
    const why = await scenario.rollout.run<WhyReport>(['why', 'everyone']);
    expect(JSON.stringify(why)).toContain('jane');
    expect((await at(DUAL_WRITE)).enabled).toBe(false);
  });

  it('the flag that was never written yet, opened to everyone: it is seen all the same', async () => {
    await unleash.byHand('jane', 'POST', `${DUAL_WRITE}/${PRODUCTION}/on`);
    await unleash.byHand('bob', 'POST', `${DEFAULT}/${PRODUCTION}/strategies`, {
      name: 'flexibleRollout',
      title: 'let them all in',
      parameters: { rollout: '100', stickiness: 'default', groupId: 'x' },
      constraints: [],
    });
    await scenario.rollout.run<Failure>(['flip', 'everyone'], 5);
    expect(await waitingFor()).toMatch(/local-first\.default.*let them all in.* by bob/);
    const { strategies } = await at(DEFAULT);
    const his = strategies.find(({ title }) => title === 'let them all in');
    expect(his).toBeDefined();
    await unleash.byHand('bob', 'DELETE', `${DEFAULT}/${PRODUCTION}/strategies/${his?.id}`);
  });

  it('put back, the flip goes on', async () => {
    await scenario.rollout.run(['flip', 'everyone']);
    expect(await waitingFor()).not.toContain('by dualpath');
    await expectNothingLostOrDoubled(scenario);
  });

  it('a rollback while Unleash is down brings the documents back first and exits 6; a later one finishes', async () => {
    const rollback = ['rollback', 'everyone', '--reason', 'a drill'];
    scenario.rollout.change({ flags: flags('http://127.0.0.1:9') });
    const { error } = await scenario.rollout.run<Failure>(rollback, 6);
    expect(error.code).toBe('flag-server-unavailable');
    const [cohort] = (await scenario.rollout.run<StatusReport>(['status'])).cohorts;
    expect(cohort).toMatchObject({ stage: 'rolling-back', authority: 'legacy' });
    scenario.rollout.change({ flags: flags(proxy.url) });
    await scenario.rollout.run(rollback);
    expect(titles(await at(DEFAULT))).toEqual([
      'dualpath: (guard) nobody, keeps this flag from opening to everyone',
    ]);
    expect(titles(await at(DUAL_WRITE))).toEqual(titles(await at(DEFAULT)));
  });

  it('a controller that is taken over while it waits for Unleash confirms nothing, and the rollback has the last word', async () => {
    const isAddition = ({ method, path }: SeenRequest): boolean =>
      method === 'POST' && path.endsWith('/strategies');
    proxy.heal();
    proxy.fail({ kind: 'slow', delayMs: 5_000, when: isAddition });
    const first = scenario.rollout.start(['start', 'everyone', '--json']);
    while (!proxy.seen.some(isAddition)) await sleep(20);
    await scenario.rollout.run(['rollback', 'everyone', '--reason', 'changed our minds']);
    const { exit, stdout } = await first.ended;
    expect({ exit, code: (JSON.parse(stdout) as Failure).error.code }).toEqual({ exit: 5, code: 'fenced' });
    expect((await scenario.rollout.run<StatusReport>(['status'])).cohorts[0]?.stage).toBe('rolled-back');
    expect(titles(await at(DUAL_WRITE))).toHaveLength(1);
  });
});

const titles = ({ strategies }: Environment): readonly string[] => strategies.map(({ title }) => title);
