import type { Gate, GateName } from '../core/gates.ts';

/** What would have a gate pass, for a person who waits for it; what time alone clears says when. */
export function clearsBy(gate: Gate, cohort: string): string {
  if (gate.verdict === 'pass') return 'nothing: it passes';
  if (gate.verdict === 'error' && gate.gate !== 'flag-parity')
    return '`dualpath doctor`, which says what contradicts itself';
  return CLEARS[gate.gate](gate, cohort);
}

const CLEARS: Readonly<Record<GateName, (gate: Gate, cohort: string) => string>> = {
  coverage: ({ verdict, observed }) => {
    if (verdict === 'fail') return 'the next `dualpath soak`, which takes in what is missing';
    return observed === 'not measured'
      ? 'a `dualpath soak`, which measures it'
      : 'a document in the cohort, for without any nothing is shown';
  },
  verification: ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `\`dualpath verify ${cohort} --repair\`, after a look at the documents with \`dualpath diff\``
      : `\`dualpath verify ${cohort}\``,
  duration: ({ retryAt }) => (retryAt ? `time alone, at ${utc(retryAt)}` : 'time alone'),
  observations: ({ observed, wanted }) => {
    const left = Number(wanted) - Number(observed);
    return Number.isFinite(left)
      ? `${left} more written revision${left === 1 ? '' : 's'} that \`soak\` or \`run\` compares`
      : 'written revisions that `soak` or `run` compares';
  },
  'mismatch-rate': ({ verdict }) =>
    verdict === 'fail'
      ? 'finding why documents differ; the clock and the counts have started again'
      : 'more observations without a mismatch',
  'flag-parity': ({ verdict }) => {
    if (verdict === 'error') return 'a `dualpath soak` when the flag server answers';
    return verdict === 'fail'
      ? 'putting back what was changed at the flag provider, see `dualpath status`'
      : 'a `dualpath soak` that can ask the flag server';
  },
  'evidence-age': () => 'a `dualpath soak` now, and one more often than max_evidence_age',
  'write-errors': ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `mending what refuses the writes, then \`dualpath quarantine retry\` and \`dualpath soak ${cohort}\`; the clock and the counts start again with it`
      : 'saves and pushes of the cohort through the library, `openDocumentStore` of dualpath',
  latency: ({ verdict }) =>
    verdict === 'fail'
      ? 'finding what slows the second path, such as a trigger or an index of the local-first table; the clock and the counts start again with the next `dualpath soak`'
      : 'more saves and pushes through the library, each of which is timed',
  quarantine: () =>
    'mending the documents of `dualpath quarantine list` and `quarantine retry`, or a higher max_quarantined',
  'conflicts-open': ({ observed }) =>
    observed === 'not measured'
      ? 'a `dualpath soak`, which reads them'
      : 'a look at each with `dualpath conflicts list`, and `dualpath conflicts resolve ID --keep merged`',
  'bypass-writes': ({ verdict }, cohort) =>
    verdict === 'fail'
      ? `letting that program save through the library, and a \`dualpath soak ${cohort}\`; the clock and the counts start again with it`
      : 'a `dualpath soak`, which takes in what capture saw',
};

const utc = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')}Z`;
