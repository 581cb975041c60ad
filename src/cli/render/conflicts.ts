import type { ConflictLine, ConflictsReport, ResolveReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, moment, number, printable } from '../text.ts';

/** Conflicts shown to a person; `--json` has more. */
const SHOWN = 50;

export function renderConflicts({ conflicts, counts }: ConflictsReport, terminal: Terminal): string {
  const { open, resolved } = counts;
  const total = open.needsReview + open.quarantine + open.notice + resolved;
  if (total === 0) return 'There is no conflict.';
  const shown = conflicts.slice(0, SHOWN);
  const rows = table(
    [
      { title: 'id', right: true },
      { title: 'document' },
      { title: 'class' },
      { title: 'cohort', leaveOut: 3 },
      { title: 'came', leaveOut: 4 },
      { title: 'at', leaveOut: 2 },
      { title: 'base', leaveOut: 1 },
    ],
    shown.map((each) => [
      each.id,
      printable(each.document),
      each.class,
      each.cohort,
      cameBy(each),
      moment(each.at),
      each.base,
      reasonOf(each),
    ]),
    terminal.width,
    { title: 'reasons', bare: true },
  );
  return [
    rows,
    ...(total > shown.length ? [`… and ${number(total - shown.length)} more${more(conflicts)}`] : []),
    '',
    hanging('', summary(open, resolved), terminal.width),
  ].join('\n');
}

const more = (conflicts: readonly ConflictLine[]): string =>
  conflicts.length > SHOWN ? ', see --json.' : '.';

const cameBy = ({ origin, device }: ConflictLine): string => {
  if (origin === 'capture') return 'plain write';
  return device === null ? origin : `${origin} of ${printable(device, 24)}`;
};

const reasonOf = ({ because, resolved }: ConflictLine): string =>
  resolved === null
    ? because
    : `resolved ${moment(resolved.at)} by ${printable(resolved.by)}, kept ${resolved.keep}; ${because}`;

function summary(
  { needsReview, quarantine, notice }: ConflictsReport['counts']['open'],
  resolved: number,
): string {
  const open = `Open: ${number(needsReview)} to review, ${number(quarantine)} refused, ${counted(notice, 'notice')}; resolved: ${number(resolved)}.`;
  return needsReview + quarantine + notice === 0
    ? open
    : `${open} Look at one with \`dualpath conflicts show <id>\`.`;
}

/** What became of the document, in counts of words. */
export function renderResolved(report: ResolveReport, terminal: Terminal): string {
  const { conflict, document, keep, dryRun, words, changes } = report;
  const closing = dryRun ? `Would close conflict ${conflict}` : `Conflict ${conflict} is closed`;
  const name = printable(document);
  if (words === null || !changes)
    return hanging('', `${closing}: ${keep} is kept, and document ${name} stays as it is.`, terminal.width);
  const { before, after, added, removed } = words;
  const counts = `${number(before)} → ${counted(after, 'word')}, ${number(added)} in, ${number(removed)} out`;
  const is = dryRun ? 'would be' : 'is';
  const since = report.writtenSince ? ' with what was written to it since' : '';
  return [
    `${closing}: document ${name} ${is} its ${keep} side${since} (${counts}).`,
    ...(report.behind
      ? ['Its row holds a plain write that would be taken in first, so the counts may change.']
      : []),
    ...(report.met.length > 0
      ? [`Look at it: the side and what was written since met, as ${report.met.join('; ')}.`]
      : []),
    ...(report.revision === null ? [] : [`It is revision ${report.revision}; what it replaced is kept.`]),
  ]
    .map((line) => hanging('', line, terminal.width))
    .join('\n');
}
