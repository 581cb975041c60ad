import { describe, expect, it } from 'vitest';
import { createGovernor } from '../../src/backfill/load.ts';
import { FULL_SPEED, type LoadSample } from '../../src/core/throttle.ts';

const calm: LoadSample = { answerMs: 1, active: 0, waiting: 0, lagMs: 0, connections: 100 };
const busy: LoadSample = { ...calm, active: 60 };

function governed(see: () => Promise<LoadSample>) {
  let now = 0;
  let looks = 0;
  const counting = (): Promise<LoadSample> => {
    looks++;
    return see();
  };
  const governor = createGovernor(FULL_SPEED, counting, () => now);
  return {
    governor,
    looks: () => looks,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the governor of all lanes', () => {
  it('looks at the database no more than twice a second, however often lanes ask', async () => {
    const { governor, looks, pass } = governed(async () => busy);
    await Promise.all(Array.from({ length: 20 }, () => governor.look()));
    expect([looks(), governor.now().rate]).toEqual([1, 0.5]);
    pass(400);
    await governor.look();
    expect(looks()).toBe(1);
    pass(100);
    await governor.look();
    expect([looks(), governor.now().rate]).toEqual([2, 0.25]);
  });

  it('slows down when it cannot see, and does not fail the work', async () => {
    const { governor } = governed(() => Promise.reject(new Error('permission denied')));
    expect(await governor.look()).toMatchObject({ rate: 0.5, because: 'database load unseen > seen' });
  });
});
