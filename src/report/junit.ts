import type { Gate } from '../core/gates.ts';
import type { SoakedCohort, SoakReport } from './reports.ts';

/**
 * JUnit XML as CI servers read it: a suite a cohort, a case a gate. A gate still waiting for time or samples is skipped, not
 * failed: CI goes red on what is wrong, not on what is early. Where no cohort soaks one skipped case says so, and where no
 * round could be made one error says why, for a file without any case reads as a broken one.
 */
export function toJunit({ cohorts, error }: SoakReport): string {
  if (error) return alone('errors', 'error', `${error.message} ${error.remedy}`);
  if (cohorts.length === 0) return alone('skipped', 'skipped', 'no cohort is soaking or baking');
  const gates = cohorts.flatMap((cohort) => cohort.gates);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="dualpath soak" ${counts(gates)}>`,
    ...cohorts.map(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

/** One case that stands for the whole soak. */
function alone(counted: 'errors' | 'skipped', outcome: string, message: string): string {
  const numbers = `tests="1" failures="0" errors="${counted === 'errors' ? 1 : 0}" skipped="${counted === 'skipped' ? 1 : 0}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="dualpath soak" ${numbers}>`,
    `  <testsuite name="dualpath" ${numbers}>`,
    `    <testcase classname="dualpath" name="soak"><${outcome} message="${xml(message)}"/></testcase>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const suite = ({ name, gates }: SoakedCohort): string =>
  [
    `  <testsuite name="${xml(name)}" ${counts(gates)}>`,
    ...gates.map((gate) => testCase(name, gate)),
    '  </testsuite>',
  ].join('\n');

function counts(gates: readonly Gate[]): string {
  const count = (verdict: Gate['verdict']): number => gates.filter((gate) => gate.verdict === verdict).length;
  return `tests="${gates.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('inconclusive')}"`;
}

function testCase(cohort: string, gate: Gate): string {
  const open = `    <testcase classname="${xml(cohort)}" name="${xml(gate.gate)}"`;
  if (gate.verdict === 'pass') return `${open}/>`;
  const outcome = { fail: 'failure', error: 'error', inconclusive: 'skipped' }[gate.verdict];
  return `${open}><${outcome} message="${xml(gate.because)}"/></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // As they are they would be read as spaces.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Escapes for an attribute; what XML 1.0 cannot hold becomes U+FFFD. */
const xml = (text: string): string =>
  [...text].map((char) => ENTITIES[char] ?? (isXml(char) ? char : '\ufffd')).join('');

/** https://www.w3.org/TR/xml/#charsets */
function isXml(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return code >= 0x20 && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
