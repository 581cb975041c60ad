import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../src/report/markdown.ts';
import { cohortOf, gateOf, NASTY, reportOf } from './soak-reports.ts';

describe('a Markdown summary', () => {
  it('has a heading and a table a cohort', () => {
    const text = toMarkdown(
      reportOf(cohortOf('staff', [gateOf('coverage', 'pass'), gateOf('duration', 'inconclusive')])),
    );
    expect(text).toBe(
      [
        '## Soak: ⏳ not yet',
        '',
        '### staff (soaking): ⏳ not yet',
        '',
        '1,234 observations, 1 mismatch, upper bound 0.38 %',
        '',
        '| gate | verdict | because |',
        '| --- | --- | --- |',
        '| coverage | ✅ pass | coverage because |',
        '| duration | ⏳ not yet | duration because |',
        '',
      ].join('\n'),
    );
  });

  it('says when there was nothing to compare', () => {
    expect(toMarkdown(reportOf())).toContain('No cohort is soaking or baking.');
  });

  it.each(NASTY)('keeps its shape and shows no markup of others: %j', (text) => {
    const lines = toMarkdown(reportOf(cohortOf(text, [gateOf('verification', 'fail', text)]))).split('\n');
    expect(lines).toHaveLength(10);
    const row = lines.find((line) => line.startsWith('| verification')) ?? '';
    expect(row.split(/(?<!\\)\|/)).toHaveLength(5);
    expect(row).not.toMatch(/(?<!\\)[<>`*[\]]/);
  });
});
