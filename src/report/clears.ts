import type { Gate, GateName } from '../core/gates.ts';
import { shellWord } from '../core/shell-word.ts';

/** What of a cohort's drift `verify --repair` cannot mend: rows that dualpath did not write. */
export interface Unmendable {
  readonly drift: number;
  readonly extra: number;
}

/** What would have a gate pass, for a person who waits for it; what time alone clears says when. Commands can be pasted. */
export function clearsBy(
  gate: Gate,
  cohort: string,
  unmendable: Unmendable = { drift: 0, extra: 0 },
): string {
  if (gate.verdict === 'pass') return 'nothing: it passes';
  if (gate.verdict === 'error' && gate.gate !== 'flag-parity')
    return '`dualpath doctor`, which says what contradicts itself';
  return CLEARS[gate.gate](gate, shellWord(cohort), unmendable);
}

const CLEARS: Readonly<Record<GateName, (gate: Gate, cohort: string, unmendable: Unmendable) => string>> = {
  coverage: ({ verdict, observed }, cohort) => {
    if (verdict === 'fail')
      return `\`dualpath soak ${cohort}\`, which takes in what is missing; \`dualpath verify ${cohort} --repair\`, where a state was there and is gone`;
    return observed === 'not measured'
      ? `\`dualpath soak ${cohort}\`, which measures it`
      : 'a document in the cohort, for without any nothing is shown';
  },
  verification: ({ verdict, because }, cohort, { drift, extra }) => {
    const listed = `\`dualpath verify ${cohort} --dry-run\``;
    if (verdict === 'fail')
      return extra > 0 && extra === drift
        ? `deleting the local-first rows that ${listed} lists where they came from, or naming each with \`--document\` to \`dualpath verify --repair\`; then \`dualpath verify ${cohort}\``
        : `\`dualpath verify ${cohort} --repair\`, after a look at the documents that ${listed} lists${
            extra > 0
              ? `; ${extra} of them, listed as extra, are rows of no document, to be named with \`--document\``
              : ''
          }`;
    return because.startsWith('documents not compared')
      ? `the end of the transactions that keep those rows locked, and then \`dualpath soak ${cohort}\``
      : `\`dualpath verify ${cohort}\``;
  },
  duration: ({ retryAt }) => (retryAt ? `time alone, at ${utc(retryAt)}` : 'time alone'),
  observations: ({ observed, wanted }, cohort) => {
    if (Number(wanted) <= 1) return `at least one written revision that \`dualpath soak ${cohort}\` compares`;
    const left = Number(wanted) - Number(observed);
    const count = Number.isFinite(left) ? left : Number(wanted);
    const writes = Number.isFinite(count)
      ? `${count} more written revision${count === 1 ? '' : 's'}`
      : 'written revisions';
    return `${writes} that \`dualpath soak ${cohort}\` compares`;
  },
  'mismatch-rate': ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `finding what makes documents differ, which \`dualpath verify ${cohort}\` lists; the clock and the counts have started again`
      : `more observations without a mismatch: saves that \`dualpath soak ${cohort}\` compares`,
  'flag-parity': ({ verdict }, cohort) => {
    if (verdict === 'error') return `\`dualpath soak ${cohort}\`, when the flag server answers`;
    return verdict === 'fail'
      ? `putting back what was changed at the flag provider, which \`dualpath status ${cohort}\` names, and then \`dualpath soak ${cohort}\``
      : `\`dualpath soak ${cohort}\`, which asks the flag server`;
  },
  'evidence-age': (_, cohort) =>
    `\`dualpath soak ${cohort}\` now, and again more often than max_evidence_age`,
  'write-errors': ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `mending what refuses the writes, then \`dualpath quarantine retry\` and \`dualpath soak ${cohort}\`; the clock and the counts start again`
      : 'saves and pushes of the cohort through the library, `openDocumentStore` of dualpath',
  latency: ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `finding what slows the second path, such as a trigger or an index of the local-first table, then \`dualpath soak ${cohort}\`; the clock and the counts start again`
      : 'more saves and pushes through the library, each of which is timed',
  quarantine: () =>
    'mending the documents that `dualpath quarantine list` names and then `dualpath quarantine retry`, or a higher max_quarantined',
  'conflicts-open': ({ observed }, cohort) =>
    observed === 'not measured'
      ? `\`dualpath soak ${cohort}\`, which reads them`
      : 'a look at each that `dualpath conflicts list` names, and `dualpath conflicts resolve ID --keep merged`',
  'bypass-writes': ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `letting that program save through the library, then \`dualpath soak ${cohort}\`; the clock and the counts start again`
      : `\`dualpath soak ${cohort}\`, which takes in what capture saw`,
};

const utc = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')}Z`;
