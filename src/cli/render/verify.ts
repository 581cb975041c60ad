import { shellWord, type VerifyReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, number, printable } from '../text.ts';

/** Drifting documents shown to a person; `--json` lists up to `--limit`. */
const SHOWN = 20;

const RIGHT = ['compared', 'matched', 'missing', 'extra', 'held', 'drift'] as const;

export function renderVerify(report: VerifyReport, terminal: Terminal): string {
  if (report.cohorts.length === 0) return 'No cohort has been started: there is nothing to compare.';
  const { bold, red, green } = terminal.colors;
  const counts = table(
    [
      { title: 'cohort' },
      ...RIGHT.map((title) => ({ title, right: true })),
      { title: 'repaired', right: true, leaveOut: 2 },
      { title: 'seconds', right: true, leaveOut: 1 },
    ],
    report.cohorts.map((cohort) => [
      bold(cohort.name),
      number(cohort.compared),
      number(cohort.matched),
      number(cohort.missing),
      number(cohort.extra),
      number(cohort.quarantined),
      cohort.driftTotal ? red(number(cohort.driftTotal)) : '0',
      number(cohort.repaired),
      (cohort.durationMs / 1000).toFixed(1),
    ]),
    terminal.width,
  );
  const total = sum(report, (cohort) => cohort.driftTotal);
  const compared = sum(report, (cohort) => cohort.compared);
  const repaired = sum(report, (cohort) => cohort.repaired);
  const mended = repaired === 0 ? '' : `, ${number(repaired)} of them after a repair`;
  const verdict =
    compared === 0
      ? 'Nothing was compared.'
      : green(`${counted(compared, 'document')} compared${mended}, no drift.`);
  return [
    counts,
    ...unsettledIn(report, terminal),
    ...notRepairedIn(report, terminal),
    total === 0
      ? verdict
      : `${driftOf(report, total, terminal)}\n\n${hanging('', nextOf(report), terminal.width)}`,
  ].join('\n\n');
}

/** What belongs to no document is nobody's to mend in bulk. */
function setAside(report: VerifyReport): string {
  const drift = report.cohorts.flatMap((cohort) => cohort.drift);
  const extra = drift.find((row) => row.class === 'extra' && canBePasted(row.document));
  const named = extra
    ? `\`dualpath verify --document ${shellWord(extra.document)} --repair\``
    : 'a repair of it by name';
  return `A row that is \`extra\` belongs to no document: delete it where it came from, or ${named} keeps its bytes in dualpath.versions and takes it out of the local-first table.`;
}

const canBePasted = (document: string): boolean =>
  !document.startsWith('-') && printable(document) === document;

/** What can be pasted: a document whose id is no option, and can be read. */
function nextOf(report: VerifyReport): string {
  const names = report.cohorts
    .filter((cohort) => cohort.driftTotal > 0)
    .map((cohort) => shellWord(cohort.name));
  const extra = sum(report, (cohort) => cohort.extra);
  if (extra === sum(report, (cohort) => cohort.driftTotal))
    return `${setAside(report)} Then run \`dualpath verify ${names.join(' ')}\` again.`;
  const left = extra > 0 ? `, but for what is extra. ${setAside(report)}` : '';
  const mends = `\`dualpath verify ${names.join(' ')} --repair\` mends them${left || '.'}`;
  const one = report.cohorts.flatMap((cohort) => cohort.drift).find(({ document }) => canBePasted(document));
  return one ? `Look at one with \`dualpath diff ${shellWord(one.document)}\`; ${mends}` : mends;
}

/** What `--dry-run` says: nothing was looked at. */
export function renderForeseen(report: VerifyReport, terminal: Terminal): string {
  const names = report.cohorts.map((cohort) => cohort.name);
  const total = sum(report, (cohort) => cohort.driftTotal);
  return [
    names.length === 0
      ? 'No cohort has been started: there is nothing to compare.'
      : hanging('', `Would compare every document of ${names.join(', ')}.`, terminal.width),
    total === 0
      ? 'The last comparison left nothing to mend.'
      : `${driftOf(report, total, terminal)}\n\n${hanging('', nextOf(report), terminal.width)}`,
  ].join('\n\n');
}

const sum = (report: VerifyReport, count: (cohort: VerifyReport['cohorts'][number]) => number): number =>
  report.cohorts.reduce((total, cohort) => total + count(cohort), 0);

/** Neither proven nor drift, and so not to be passed over in silence. */
function unsettledIn(report: VerifyReport, { colors, width }: Terminal): readonly string[] {
  const total = sum(report, (cohort) => cohort.unsettledTotal);
  if (total === 0) return [];
  const reasons = new Set(report.cohorts.flatMap((cohort) => cohort.unsettled.map(({ because }) => because)));
  const more = reasons.size > 3 ? `; and ${number(reasons.size - 3)} more reasons` : '';
  const because = `${[...reasons].slice(0, 3).join('; ')}${more}`;
  const text = `${counted(total, 'document')} could not be compared: ${because}.`;
  return [hanging('', colors.yellow(text), width)];
}

/** What a repair left alone, with its reason. */
function notRepairedIn(report: VerifyReport, { colors, width }: Terminal): readonly string[] {
  const left = report.cohorts.flatMap((cohort) => cohort.notRepaired);
  if (left.length === 0) return [];
  const because = [...new Set(left.map((each) => each.because))].join('; ');
  const text = `${counted(left.length, 'document was', 'documents were')} not repaired: ${because}.`;
  return [hanging('', colors.yellow(text), width)];
}

function driftOf(report: VerifyReport, total: number, terminal: Terminal): string {
  const listed = report.cohorts.flatMap((cohort) => cohort.drift).slice(0, SHOWN);
  const rows = table(
    [{ title: 'document' }, { title: 'class' }],
    listed.map((each) => [printable(each.document), each.class, each.detail]),
    terminal.width,
    { title: 'detail' },
  );
  const more = total > listed.length ? [`… and ${number(total - listed.length)} more, see --json.`] : [];
  return [`${counted(total, 'document drifts', 'documents drift')}:`, rows, ...more].join('\n');
}
