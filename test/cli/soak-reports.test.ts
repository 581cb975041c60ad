import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseXml } from '../report/xml.ts';
import { runHere } from './streams.ts';

const directory = mkdtempSync(join(tmpdir(), 'dualpath-reports-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const config = join(directory, 'cohorts.yaml');
writeFileSync(
  config,
  `version: 1
database: postgres://nobody:x@127.0.0.1:9/none
documents: {}
users: {}
flags: { provider: file }
cohorts: [{ name: everyone, everyone: true }]
`,
);
const file = (name: string): string => join(directory, name);
const soak = (...reports: readonly string[]) =>
  runHere(['--config', config, '--json', 'soak', ...reports.flatMap((each) => ['--report', each])]);

describe('soak with the database down', () => {
  it('ends with 6, and every report says why', async () => {
    const reports = [`junit=${file('soak.xml')}`, `markdown=${file('soak.md')}`, `json=${file('soak.json')}`];
    const { exit, stdout } = await soak(...reports);
    expect(exit).toBe(6);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('database-unreachable');
    const junit = readFileSync(file('soak.xml'), 'utf8');
    expect(parseXml(junit)).toMatchObject({ name: 'testsuites', attributes: { tests: '1', errors: '1' } });
    expect(junit).toContain('<error message="');
    expect(readFileSync(file('soak.md'), 'utf8')).toMatch(/error.*cannot be reached/s);
    expect(JSON.parse(readFileSync(file('soak.json'), 'utf8'))).toMatchObject({
      verdict: 'error',
      cohorts: [],
      error: { code: error.code, message: error.message },
    });
  });

  it('a report that cannot be written hides neither the error nor the other reports', async () => {
    const { exit, stderr } = await soak(`junit=${config}/soak.xml`, `json=${file('other.json')}`);
    expect(exit).toBe(6);
    expect(stderr).toContain('could not be written');
    expect(JSON.parse(readFileSync(file('other.json'), 'utf8'))).toMatchObject({ verdict: 'error' });
  });
});
