import { type PlannedCohort, type PlanReport, shellWord } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, number, printable, wrap } from '../text.ts';
import { listing } from './listing.ts';

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
    ...(cohort.unmirroredTotal > 0 ? [unmirrored(cohort, terminal)] : []),
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

const unconvertible = (cohort: PlannedCohort, terminal: Terminal): string =>
  listing(
    {
      title: `${counted(cohort.unconvertibleTotal, 'document')} cannot convert and will stay on legacy, in quarantine:`,
      rows: cohort.unconvertible.map(({ document, reason }) => [document, reason]),
      about: 'reason',
      total: cohort.unconvertibleTotal,
      command: `dualpath plan ${shellWord(cohort.name)} --json`,
    },
    terminal,
  );

const unmirrored = (cohort: PlannedCohort, terminal: Terminal): string =>
  listing(
    {
      title: `${counted(cohort.unmirroredTotal, 'document holds', 'documents hold')} on the local-first side what the legacy format has no place for; it stays there, and legacy editors do not show it:`,
      rows: cohort.unmirrored.map(({ document, constructs }) => [document, counted(constructs, 'construct')]),
      about: 'holds',
      total: cohort.unmirroredTotal,
      command: `dualpath plan ${shellWord(cohort.name)} --json`,
    },
    terminal,
  );

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
