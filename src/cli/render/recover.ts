import { type KeptLine, type KeptReport, type RecoverReport, shellWord } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, number, printable } from '../text.ts';
import { commandLine } from './command-line.ts';

/** Versions shown to a person; `--json` has them all. */
const SHOWN = 50;

/** What can be recovered, a line each, and how. */
export function renderKept(report: KeptReport, terminal: Terminal): string {
  const { document, deletedAt, kept, conflicts } = report;
  const name = printable(document);
  if (kept.length === 0) return `Nothing is kept of document ${name}: it never was in a started cohort.`;
  // An update that leads to no content of its own is a step between two that do, unless it was refused.
  const worth = kept.filter(
    ({ kind, apart, origin }) => kind !== 'update' || apart !== null || origin.startsWith('rejected'),
  );
  const rows = table(
    [
      { title: 'key' },
      { title: 'at' },
      { title: 'revision', right: true },
      { title: 'kept', right: true, leaveOut: 1 },
    ],
    worth
      .slice(0, SHOWN)
      .map((each) => [each.key, each.at, each.revision ?? '-', `${number(each.bytes)} B`, whatIs(each)]),
    terminal.width,
    { title: 'what', bare: true },
  );
  const more = worth.length - SHOWN;
  const word = shellWord(document);
  return [
    terminal.colors.bold(`Document ${name}${deletedAt === null ? '' : `, deleted ${deletedAt}`}`),
    rows,
    ...(more > 0 ? [`… and ${number(more)} more, see --json.`] : []),
    ...(conflicts.length > 0 ? ['', hanging('', conflictsOf(conflicts), terminal.width)] : []),
    '',
    // Never broken, so that they can be pasted.
    ...hints(word, worth, conflicts[0]?.id).map((command) => commandLine(command, terminal)),
  ].join('\n');
}

function conflictsOf(conflicts: KeptReport['conflicts']): string {
  const shown = conflicts.slice(0, SHOWN).map(({ id }) => id);
  const more = conflicts.length > shown.length ? ' …' : '';
  return `${counted(conflicts.length, 'conflict')}: ${shown.join(' ')}${more}`;
}

function hints(word: string, kept: readonly KeptLine[], conflict: string | undefined): readonly string[] {
  const [newest] = kept;
  const document = kept.find(({ kind }) => kind === 'document');
  const numbered = kept.find(({ revision }) => revision !== null);
  return [
    ...(newest ? [`dualpath recover ${word} --kept ${newest.key}`] : []),
    ...(numbered ? [`dualpath recover ${word} --revision ${numbered.revision}`] : []),
    ...(document ? [`dualpath recover ${word} --at ${document.at}`] : []),
    ...(conflict === undefined ? [] : [`dualpath recover ${word} --conflict ${conflict}`]),
  ];
}

const SOURCES: Readonly<Record<string, string>> = {
  seed: 'the document as it was copied',
  capture: 'plain write',
  repair: 'mended by dualpath',
  conflict: 'one of two sides that were both written',
  rollback: 'what the row held at a rollback',
  resolve: 'a resolved conflict',
};

function whatIs({ origin, device, kind, because, version }: KeptLine): string {
  const by = device === null ? '' : ` of ${printable(device)}`;
  if (origin.startsWith('rejected')) return `${origin.slice('rejected '.length)}${by}, rejected: ${because}`;
  if (kind === 'update') return `${origin}${by}, not in the document: ${because}`;
  const what = `${SOURCES[origin] ?? origin}${by}`;
  if (kind === 'content') return origin === 'save' ? `${what}, as it was sent` : `${what}, replaced`;
  return `${what}, version ${version}`;
}

/** The version itself, and nothing else on stdout; what is to be said of it goes to stderr. */
export function noteOf({ form, key, leftOut }: RecoverReport): string | null {
  if (form === 'update')
    return `${key} is an update that fits no state of the document: these are its bytes in base64.`;
  return leftOut > 0
    ? `${key} puts ${counted(leftOut, 'embed')} where a document of this format has no place for any: this is the document without.`
    : null;
}
