import { describe, expect, it } from 'vitest';
import { estimate, type Mark, remember } from '../../src/core/progress.ts';

const marksOf = (marks: readonly Mark[]): readonly Mark[] =>
  marks.reduce<readonly Mark[]>((kept, mark) => remember(kept, mark), []);

describe('estimate', () => {
  it('says nothing about the end before there is a rate', () => {
    expect(estimate([], 100)).toEqual({ perSecond: 0, etaSeconds: null });
    expect(estimate([{ atMs: 5, done: 10 }], 100)).toEqual({ perSecond: 0, etaSeconds: null });
  });

  it('divides what is left by the rate', () => {
    const marks = marksOf([
      { atMs: 0, done: 0 },
      { atMs: 1000, done: 50 },
      { atMs: 2000, done: 100 },
    ]);
    expect(estimate(marks, 400)).toEqual({ perSecond: 50, etaSeconds: 6 });
  });

  it('starts from what was already done, so a resume does not look infinitely fast', () => {
    const marks = marksOf([
      { atMs: 0, done: 900 },
      { atMs: 1000, done: 910 },
    ]);
    expect(estimate(marks, 1000)).toEqual({ perSecond: 10, etaSeconds: 9 });
  });

  it('has no end in sight at a standstill, and is at the end when nothing is left', () => {
    const marks = marksOf([
      { atMs: 0, done: 5 },
      { atMs: 1000, done: 5 },
    ]);
    expect(estimate(marks, 9).etaSeconds).toBeNull();
    expect(estimate(marks, 5).etaSeconds).toBe(0);
  });
});

describe('remember', () => {
  it('follows the last half minute, so that a throttle shows in the estimate', () => {
    const fast = Array.from({ length: 60 }, (_, second) => ({ atMs: second * 1000, done: second * 100 }));
    const slow = Array.from({ length: 40 }, (_, second) => ({
      atMs: 60_000 + second * 1000,
      done: 5900 + second,
    }));
    expect(estimate(marksOf([...fast, ...slow]), 10_000).perSecond).toBeCloseTo(1, 5);
  });

  it('keeps a bounded list however often it is told', () => {
    const often = Array.from({ length: 20_000 }, (_, at) => ({ atMs: at * 10, done: at }));
    expect(marksOf(often).length).toBeLessThan(130);
  });
});
