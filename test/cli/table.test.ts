import { describe, expect, it } from 'vitest';
import { table } from '../../src/cli/table.ts';
import { widest } from './streams.ts';

const COLUMNS = [
  { title: 'cohort' },
  { title: 'authority', leaveOut: 1 },
  { title: 'documents', right: true },
] as const;
const TEXT = { title: 'waiting for' };
const LONG =
  'observations 7 < 50; mismatch-rate 0.35 > 0.06, and 42 more observations without a mismatch would do';

describe('a table', () => {
  it('aligns words on the left and numbers on the right', () => {
    const rows = [
      ['staff', 'legacy', '7'],
      ['everyone', 'local-first', '1,250'],
    ];
    expect(table(COLUMNS, rows, 80).split('\n')).toEqual([
      'cohort    authority    documents',
      'staff     legacy               7',
      'everyone  local-first      1,250',
    ]);
  });

  it('leaves out what can be spared before anything else', () => {
    expect(table(COLUMNS, [['staff', 'local-first', '7']], 20).split('\n')).toEqual([
      'cohort  documents',
      'staff           7',
    ]);
  });

  it('becomes blocks when even the rest is too wide', () => {
    expect(table(COLUMNS, [['a-cohort-with-a-long-name', 'legacy', '7']], 30)).toBe(
      'cohort     a-cohort-with-a-long-name\nauthority  legacy\ndocuments  7',
    );
  });

  it('wraps a long text beside its row where there is room', () => {
    const shown = table(COLUMNS, [['staff', 'legacy', '7', LONG]], 100, TEXT);
    expect(shown.split('\n')[0]).toBe('cohort  authority  documents  waiting for');
    expect(widest(shown)).toBeLessThanOrEqual(100);
    expect(shown.split('\n').length).toBeGreaterThan(2);
  });

  it('puts it below its row, with its title, where there is not', () => {
    const shown = table(COLUMNS, [['staff', 'legacy', '7', LONG]], 50, TEXT);
    expect(widest(shown)).toBeLessThanOrEqual(50);
    expect(shown.split('\n')[2]).toMatch(/^ {4}waiting for: observations/);
  });

  it('spends no line on a row that has nothing to say', () => {
    const rows = [
      ['staff', 'legacy', '7', LONG],
      ['tenth', 'legacy', '8', '-'],
    ];
    const lines = table(COLUMNS, rows, 50, TEXT).split('\n');
    expect(lines.at(-1)).toBe('tenth   legacy             8');
  });

  it('is one line a row in a pipe, however long', () => {
    const shown = table(COLUMNS, [['staff', 'legacy', '7', LONG]], Number.POSITIVE_INFINITY, TEXT);
    expect(shown.split('\n')).toHaveLength(2);
    expect(shown).toContain(LONG);
  });
});
