import { describe, expect, it } from 'vitest';
import { toJunit } from '../../src/report/junit.ts';
import { cohortOf, gateOf, NASTY, reportOf } from './soak-reports.ts';
import { parseXml } from './xml.ts';

describe('a JUnit report', () => {
  const report = reportOf(
    cohortOf('staff', [
      gateOf('coverage', 'pass'),
      gateOf('verification', 'fail'),
      gateOf('duration', 'inconclusive'),
      gateOf('flag-parity', 'error'),
    ]),
    cohortOf('tenth', [gateOf('coverage', 'pass')]),
  );

  it('has a suite a cohort and a case a gate, with their counts', () => {
    const root = parseXml(toJunit(report));
    expect(root).toMatchObject({
      name: 'testsuites',
      attributes: { tests: '5', failures: '1', errors: '1', skipped: '1' },
    });
    expect(root.children.map(({ attributes }) => attributes)).toEqual([
      { name: 'staff', tests: '4', failures: '1', errors: '1', skipped: '1' },
      { name: 'tenth', tests: '1', failures: '0', errors: '0', skipped: '0' },
    ]);
    expect(root.children[0]?.children.map(({ attributes }) => attributes)).toEqual([
      { classname: 'staff', name: 'coverage' },
      { classname: 'staff', name: 'verification' },
      { classname: 'staff', name: 'duration' },
      { classname: 'staff', name: 'flag-parity' },
    ]);
  });

  it('fails on what is wrong and skips what is early, and says why', () => {
    const cases = parseXml(toJunit(report)).children[0]?.children ?? [];
    expect(cases.map(({ children }) => children)).toMatchObject([
      [],
      [{ name: 'failure', attributes: { message: 'verification because' } }],
      [{ name: 'skipped', attributes: { message: 'duration because' } }],
      [{ name: 'error', attributes: { message: 'flag-parity because' } }],
    ]);
  });

  it.each(NASTY)('is well-formed whatever it has to say: %j', (given, read) => {
    const root = parseXml(toJunit(reportOf(cohortOf(given, [gateOf('verification', 'fail', given)]))));
    expect(root.children[0]?.attributes.name).toBe(read);
    expect(root.children[0]?.children[0]?.children[0]?.attributes.message).toBe(read);
  });

  it('of no cohort is not an empty one', () => {
    const root = parseXml(toJunit(reportOf()));
    expect(root.children[0]?.children[0]?.children).toMatchObject([
      { name: 'skipped', attributes: { message: 'no cohort is soaking or baking' } },
    ]);
  });
});

describe('the XML check of these tests', () => {
  it.each([
    '<?xml version="1.0" encoding="UTF-8"?><a b="x & y"/>',
    '<?xml version="1.0" encoding="UTF-8"?><a b="<"/>',
    '<?xml version="1.0" encoding="UTF-8"?><a><b></a></b>',
    '<?xml version="1.0" encoding="UTF-8"?><a b="1" b="2"/>',
    '<?xml version="1.0" encoding="UTF-8"?><a b="\u0000"/>',
    '<?xml version="1.0" encoding="UTF-8"?><a/><b/>',
    '<a/>',
  ])('refuses what is not well-formed: %j', (text) => {
    expect(() => parseXml(text)).toThrow();
  });
});
