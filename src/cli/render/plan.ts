import { type PlannedCohort, type PlanReport, shellWord } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, number, printable, wrap } from '../text.ts';

/** Documents that cannot convert, named to a person; `--json` lists up to a thousand. */
const SHOWN = 20;

export function renderPlan(report: PlanReport, terminal: Terminal): string {
  const { yellow } = terminal.colors;
  return [
    overview(report.cohorts, terminal),
    ...report.warnings.map((each) => hanging(`${yellow('note')}  `, `${each}.`, terminal.width)),
    ...report.cohorts.map((cohort) => detailsOf(cohort, terminal)).filter((text) => text !== ''),
    'Nothing was changed.',
  ].join('\n\n');
}

const overview = (cohorts: readonly PlannedCohort[], { colors, width }: Terminal): string =>
  table(
    [
      { title: 'cohort' },
      { title: 'stage', leaveOut: 3 },
      { title: 'members', right: true },
      { title: 'documents', right: true },
      { title: 'size', right: true },
      { title: 'shared', right: true, leaveOut: 2 },
      { title: 'exact', right: true },
      { title: 'normalised', right: true },
      { title: 'cannot convert', right: true },
      { title: 'backfill', right: true, leaveOut: 1 },
    ],
    cohorts.map((cohort) => [
      colors.bold(cohort.name),
      cohort.stage,
      number(cohort.members),
      number(cohort.documents),
      size(cohort.bytes),
      number(cohort.shared),
      number(cohort.exact),
      number(cohort.normalisedTotal),
      cohort.unconvertibleTotal ? colors.yellow(number(cohort.unconvertibleTotal)) : '0',
      cohort.forecastSeconds === null ? '-' : `about ${duration(cohort.forecastSeconds)}`,
    ]),
    width,
  );

function detailsOf(cohort: PlannedCohort, terminal: Terminal): string {
  const { colors, width } = terminal;
  const item = (text: string): string => `  ${wrap(text, width - 4).join('\n    ')}`;
  const lines = [
    ...cohort.flagChanges.map(item),
    ...(cohort.shared > 0
      ? [
          item(
            `${counted(cohort.shared, 'document is', 'documents are')} shared with people of other cohorts`,
          ),
        ]
      : []),
    ...normalised(cohort).map(item),
    ...cohort.impossibleGates.map((gate) => hanging(`  ${colors.yellow('gate')}  `, gate, width)),
    ...(cohort.unconvertibleTotal > 0 ? [unconvertible(cohort, terminal)] : []),
  ];
  return lines.length === 0 ? '' : [colors.bold(cohort.name), ...lines].join('\n');
}

/** How many documents by what is done to them: the same few notes apply to thousands. */
function normalised({ normalised: documents, normalisedTotal }: PlannedCohort): readonly string[] {
  const byNote = new Map<string, string[]>();
  for (const { document, notes } of documents)
    for (const note of notes) byNote.set(note, [...(byNote.get(note) ?? []), document]);
  const some = normalisedTotal > documents.length ? 'at least ' : '';
  return [...byNote].map(
    ([note, found]) =>
      `normalised, ${some}${counted(found.length, 'document')}: ${note} (such as ${printable(found[0] ?? '')})`,
  );
}

function unconvertible(cohort: PlannedCohort, terminal: Terminal): string {
  const { name, unconvertible: documents, unconvertibleTotal } = cohort;
  const { colors, width } = terminal;
  const shown = documents.slice(0, SHOWN);
  const more = unconvertibleTotal - shown.length;
  const title = `${counted(unconvertibleTotal, 'document')} cannot convert and will stay on legacy, in quarantine:`;
  const rows = table(
    [{ title: 'document' }],
    shown.map((each) => [printable(each.document), each.reason]),
    width - 2,
    { title: 'reason', bare: true },
  );
  return [
    hanging('  ', colors.yellow(title), width),
    ...rows.split('\n').map((line) => `  ${line}`),
    ...(more > 0
      ? [
          hanging(
            '  ',
            `… and ${number(more)} more: \`dualpath plan ${shellWord(name)} --json\` ${documents.length < unconvertibleTotal ? `names ${number(documents.length)}` : 'names them all'}`,
            width,
          ),
        ]
      : []),
  ].join('\n');
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
