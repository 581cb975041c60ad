import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FULL_SPEED, type LoadSample, restMs, type Throttle, throttle } from '../../src/core/throttle.ts';

const calm: LoadSample = { answerMs: 1, active: 1, waiting: 0, lagMs: 0, connections: 50 };
const decide = (samples: readonly (LoadSample | null)[], from: Throttle = FULL_SPEED): Throttle =>
  samples.reduce<Throttle>(throttle, from);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('throttle', () => {
  it('goes at full speed, for no reason, while the database is calm', () => {
    expect(decide(times(5, calm))).toMatchObject({ rate: 1, because: null });
  });

  it.each([
    ['active statements 30 > 8', { ...calm, active: 30 }],
    ['waiting sessions 3 > 2', { ...calm, waiting: 3 }],
    ['answer ms 90 > 25', { ...calm, answerMs: 90 }],
    ['replica lag ms 60000 > 10000', { ...calm, lagMs: 60_000 }],
  ])('halves its rate for %s', (because, sample) => {
    expect(decide([calm, sample])).toMatchObject({ rate: 0.5, because });
  });

  it('lets a server that is built for more carry more', () => {
    const busy = { ...calm, active: 40 };
    expect(decide([busy]).rate).toBe(0.5);
    expect(decide([{ ...busy, connections: 500 }]).rate).toBe(1);
  });

  it('does not take an overload that was there before it for normal', () => {
    expect(decide([{ ...calm, active: 99 }]).rate).toBe(0.5);
    expect(decide([{ ...calm, answerMs: 300 }]).rate).toBe(0.5);
  });

  it('never stops, however long the load lasts', () => {
    expect(decide(times(100, { ...calm, active: 99 })).rate).toBe(1 / 16);
  });

  it('recovers step by step, naming what slowed it until it is back at full speed', () => {
    const slow = decide([calm, ...times(10, { ...calm, active: 30 })]);
    const better = decide([calm], slow);
    expect(better).toMatchObject({ rate: 1 / 8, because: 'active statements 30 > 8' });
    expect(decide(times(15, calm), slow)).toMatchObject({ rate: 1, because: null });
  });

  it('slows down and says so when it cannot look', () => {
    expect(decide([calm, null])).toMatchObject({ rate: 0.5, because: 'database load unseen > seen' });
  });

  it('stays below a quarter, and says so, where the role may not see sessions or replicas', () => {
    const blind = decide(times(50, { ...calm, active: null, waiting: null }));
    expect(blind).toMatchObject({ rate: 0.25, because: 'sessions unseen > 0 (grant pg_monitor)' });
    expect(decide(times(50, { ...calm, lagMs: null })).because).toMatch(/^replicas unseen/);
  });

  it('keeps 0 < rate ≤ 1, and has a reason exactly below full speed, whatever it sees', () => {
    const count = fc.option(fc.nat(500), { nil: null });
    const sample = fc.record({
      answerMs: fc.nat(5000),
      active: count,
      waiting: count,
      lagMs: count,
      connections: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(fc.option(sample, { nil: null }), { minLength: 1 }), (samples) => {
        const { rate, because } = decide(samples);
        return rate > 0 && rate <= 1 && (because === null) === (rate === 1);
      }),
    );
  });
});

describe('restMs', () => {
  it('makes the share of time at work the rate', () => {
    expect(restMs(1, 100)).toBe(0);
    expect(restMs(0.25, 100)).toBe(300);
  });

  it('never rests so long that it is deaf to a database that calmed down', () => {
    expect(restMs(1 / 16, 60_000)).toBe(5_000);
  });
});
