import { expect, it } from 'vitest';
import { describeProgress } from '../../src/backfill/describe-progress.ts';

const progress = {
  done: 1_200,
  total: 4_000,
  perSecond: 849.6,
  etaSeconds: 95,
  rate: 1,
  throttled: null,
  seeded: 1_197,
  quarantined: 3,
};

it('says in a line how far a backfill is, how fast, and how long it will take', () => {
  expect(describeProgress('staff', progress)).toBe(
    'staff: 1,200 of 4,000 documents copied, 3 quarantined, 850/s, 1m 35s left',
  );
});

it('says what slows it down, and how much', () => {
  expect(
    describeProgress('staff', { ...progress, rate: 0.25, throttled: 'active statements 30 > 8' }),
  ).toContain('; 25 % speed: active statements 30 > 8');
});

it('leaves out what is not known', () => {
  const unknown = { ...progress, done: 0, perSecond: 0, etaSeconds: null, quarantined: 0 };
  expect(describeProgress('staff', unknown)).toBe('staff: 0 of 4,000 documents copied');
});
