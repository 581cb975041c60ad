import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../src/report/write-report.ts';
import { cohortOf, gateOf, reportOf } from './soak-reports.ts';
import { parseXml } from './xml.ts';

const directory = mkdtempSync(join(tmpdir(), 'dualpath-report-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const report = reportOf(cohortOf('staff', [gateOf('coverage', 'pass')]));

describe('a report file', () => {
  it('json is what --json prints', async () => {
    const path = join(directory, 'soak.json');
    await writeReport(report, 'json', path);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report);
  });

  it('makes the folder it goes to', async () => {
    const path = join(directory, 'deep/er/soak.xml');
    await writeReport(report, 'junit', path);
    expect(parseXml(readFileSync(path, 'utf8')).name).toBe('testsuites');
  });

  it('that cannot be written is 2, and says which', async () => {
    await expect(writeReport(report, 'markdown', join(directory, 'soak.json/x.md'))).rejects.toMatchObject({
      code: 'report-file',
      exitCode: 2,
      message: expect.stringContaining('x.md'),
    });
    await expect(writeReport(report, 'markdown', directory)).rejects.toMatchObject({ code: 'report-file' });
  });

  it.skipIf(!existsSync('/proc'))('in a folder where nothing can be made ends, and with 2', async () => {
    for (const path of ['/proc/soak.xml', '/proc/reports/soak.xml', '/proc/some/deeper/soak.xml'])
      await expect(writeReport(report, 'junit', path)).rejects.toMatchObject({
        code: 'report-file',
        exitCode: 2,
      });
  });
});
