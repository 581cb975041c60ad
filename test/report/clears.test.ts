import { describe, expect, it } from 'vitest';
import { GATE_NAMES } from '../../src/core/gates.ts';
import { clearsBy } from '../../src/report/clears.ts';
import { gateOf } from './soak-reports.ts';

describe.each(GATE_NAMES)('what clears %s', (name) => {
  it.each(['fail', 'inconclusive', 'error'] as const)('is said when it is %s', (verdict) => {
    expect(clearsBy(gateOf(name, verdict), 'staff')).toMatch(/^\S.{8,}[^.]$/);
  });
});

describe('what clears a gate', () => {
  it('is a moment, where only time is missing', () => {
    const gate = { ...gateOf('duration', 'inconclusive'), retryAt: '2026-03-04T05:06:07.000Z' };
    expect(clearsBy(gate, 'staff')).toBe('time alone, at 2026-03-04 05:06:07Z');
  });

  it('is a number of observations', () => {
    const gate = { ...gateOf('observations', 'inconclusive'), observed: 49, wanted: 50 };
    expect(clearsBy(gate, 'staff')).toBe('1 more written revision that `dualpath soak staff` compares');
  });

  it('is one write at least, where the policy asks for none', () => {
    const gate = { ...gateOf('observations', 'inconclusive'), observed: 0, wanted: 1 };
    expect(clearsBy(gate, 'staff')).toBe('at least one written revision that `dualpath soak staff` compares');
  });

  it('is none of what a repair cannot mend', () => {
    const clears = clearsBy(gateOf('verification', 'fail'), 'staff', { drift: 2, extra: 2 });
    expect(clears).toContain('deleting the local-first rows');
    expect(clears).not.toMatch(/verify \S+ --repair/);
  });

  it('is a word of a shell, whatever the cohort is called', () => {
    expect(clearsBy(gateOf('coverage', 'fail'), "mr. o'neil")).toContain("`dualpath soak 'mr. o'\\''neil'`");
  });

  it('names the cohort in the command that mends it', () => {
    expect(clearsBy(gateOf('verification', 'fail'), 'staff')).toContain('dualpath verify staff --repair');
  });
});
