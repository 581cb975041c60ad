import type { Gate } from '../core/gates.ts';
import type { SoakedCohort, SoakReport } from './reports.ts';

/**
 * JUnit XML as CI servers read it: a suite a cohort, a case a gate. A gate still waiting for time or samples is skipped, not
 * failed: CI goes red on what is wrong, not on what is early.
 */
export function toJunit(report: SoakReport): string {
  const suites = report.cohorts.map(suite);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="dualpath soak">\n${suites.join('\n')}\n</testsuites>\n`;
}

function suite(cohort: SoakedCohort): string {
  const count = (...verdicts: readonly string[]): number =>
    cohort.gates.filter((gate) => verdicts.includes(gate.verdict)).length;
  return [
    `  <testsuite name="${xml(cohort.name)}" tests="${cohort.gates.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('inconclusive')}">`,
    ...cohort.gates.map((gate) => testCase(cohort.name, gate)),
    '  </testsuite>',
  ].join('\n');
}

function testCase(cohort: string, gate: Gate): string {
  const open = `    <testcase classname="${xml(cohort)}" name="${gate.gate}"`;
  const because = `message="${xml(gate.because)}"`;
  if (gate.verdict === 'pass') return `${open}/>`;
  const outcome = { fail: 'failure', error: 'error', inconclusive: 'skipped' }[gate.verdict];
  return `${open}><${outcome} ${because}/></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Escapes for an attribute; control characters that XML 1.0 cannot hold become U+FFFD. */
const xml = (text: string): string =>
  [...text]
    .map((char) => {
      const code = char.codePointAt(0) ?? 0;
      return code < 0x20 || code === 0xfffe || code === 0xffff ? '\ufffd' : (ENTITIES[char] ?? char);
    })
    .join('');
