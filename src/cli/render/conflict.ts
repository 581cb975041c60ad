import { type ConflictReport, type ConflictSide, shellWord } from '../../controller.ts';
import { beside, layOut, type Piece } from '../marked.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, moment, number, printable } from '../text.ts';
import { commandLine } from './command-line.ts';

type Block = ConflictReport['blocks'][number];

/** Blocks shown to a person; `--json` and `recover` have them all. */
const SHOWN = 100;

/** Up to this many columns of the terminal one side stands under the other. */
const NARROW = 60;
const GAP = ' │ ';
const INDENT = '  ';

/** A conflict with its contents, block beside block. */
export function renderConflict(report: ConflictReport, terminal: Terminal): string {
  const parts = [heading(report, terminal), ...contents(report, terminal), next(report, terminal)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function heading(report: ConflictReport, { colors, width }: Terminal): string {
  const { id, document, cohort, resolved } = report;
  const state = resolved ? `resolved by ${printable(resolved.by)}, kept ${resolved.keep}` : 'open';
  const device = report.device === null ? '' : ` of ${printable(report.device)}`;
  const how = report.origin === 'capture' ? 'plain write of the row' : `${report.origin}${device}`;
  const facts: readonly (readonly [string, string])[] = [
    ['document', `${printable(document)}, cohort ${cohort}`],
    ['came', `${how}, ${moment(report.at)}`],
    ...(report.update === null ? [['based on', report.base] as const] : []),
    ['why', report.because],
    ...report.sides.map(
      ({ side, what, words }) => [side, `${printable(what)}, ${counted(words, 'word')}`] as const,
    ),
  ];
  return [
    colors.bold(`Conflict ${id}, ${report.class}, ${state}`),
    ...facts.map(([name, value]) => hanging(`${name.padEnd(11)}  `, value, width)),
  ].join('\n');
}

function contents(report: ConflictReport, terminal: Terminal): readonly string[] {
  if (report.update !== null) return [updateOf(report.update, terminal)];
  const differing = report.blocks.filter(({ same }) => !same);
  const rest = differing.length - SHOWN;
  return [
    ...sequence(report, differing.slice(0, SHOWN), terminal),
    ...(rest > 0 ? [`… and ${counted(rest, 'more block')} that differ, see --json.`] : []),
    ...(report.formatting
      ? [
          hanging(
            '',
            'Some sides differ in what is no text: marks, attributes or types of blocks.',
            terminal.width,
          ),
        ]
      : []),
  ];
}

/** Blocks that differ, in order, with a line for those between them. */
function sequence(report: ConflictReport, shown: readonly Block[], terminal: Terminal): readonly string[] {
  const sides = report.sides.map(({ side }) => side);
  const isNarrow = terminal.width <= NARROW || !Number.isFinite(terminal.width);
  const lines: string[] = isNarrow ? [] : [titles(sides, terminal)];
  let same = 0;
  const tellSame = () => {
    if (same > 0) lines.push(terminal.colors.dim(`· ${counted(same, 'block')} the same in all`));
    same = 0;
  };
  const last = shown.at(-1);
  const end = last === undefined ? 0 : report.blocks.indexOf(last) + 1;
  for (const block of last !== undefined && shown.length < SHOWN
    ? report.blocks
    : report.blocks.slice(0, end)) {
    if (block.same) {
      same += 1;
      continue;
    }
    tellSame();
    lines.push(isNarrow ? under(block, sides, terminal) : abreast(block, sides, terminal));
  }
  tellSame();
  return lines;
}

function widthsOf(sides: readonly ConflictSide[], { width }: Terminal): readonly number[] {
  const room = Math.floor((width - GAP.length * (sides.length - 1)) / sides.length);
  return sides.map(() => room);
}

function titles(sides: readonly ConflictSide[], terminal: Terminal): string {
  const widths = widthsOf(sides, terminal);
  const { bold } = terminal.colors;
  return beside(
    sides.map((side) => [bold(side)]),
    widths,
    GAP,
  );
}

function abreast(block: Block, sides: readonly ConflictSide[], terminal: Terminal): string {
  const widths = widthsOf(sides, terminal);
  return beside(
    sides.map((side, column) => layOut(piecesOf(block, side, terminal), widths[column] ?? 0)),
    widths,
    GAP,
  );
}

function under(block: Block, sides: readonly ConflictSide[], terminal: Terminal): string {
  const label = 11 + INDENT.length;
  return sides
    .map((side) =>
      layOut(piecesOf(block, side, terminal), Math.max(20, terminal.width - label))
        .map((line, index) => `${index === 0 ? side.padEnd(label) : ' '.repeat(label)}${line}`.trimEnd())
        .join('\n'),
    )
    .join('\n');
}

/** Changed words stand in braces and brackets, and in colour besides. */
function piecesOf(block: Block, side: ConflictSide, { colors }: Terminal): readonly Piece[] {
  const text = block.texts[side] ?? null;
  if (text === null) return [{ text: '(no such block)', style: colors.dim }];
  const changes = block.changes[side];
  if (changes === undefined) return text === '' ? [{ text: '(empty)', style: colors.dim }] : [{ text }];
  return changes.flatMap(({ change, text: part }): readonly Piece[] => {
    if (change === 'same') return [{ text: shortened(part) }];
    return marked(
      part,
      change === 'added' ? ['{+', '+}'] : ['[-', '-]'],
      change === 'added' ? colors.green : colors.red,
    );
  });
}

/** The spaces around a change stay outside its marks, so that lines break there. */
function marked(
  part: string,
  [open, close]: readonly [string, string],
  style: (text: string) => string,
): readonly Piece[] {
  const [, before = '', core = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(part) ?? [];
  if (core === '') return [{ text: part }];
  return [{ text: before }, { text: `${open}${core}${close}`, style }, { text: after }];
}

/** Words of an unchanged stretch that are shown on either side of what is left out. */
const CONTEXT = 15;

function shortened(text: string): string {
  const words = text.split(/(?<=\s)(?=\S)/);
  if (words.length <= 3 * CONTEXT) return text;
  const out = words.length - 2 * CONTEXT;
  return `${words.slice(0, CONTEXT).join('')}(… ${number(out)} words …) ${words.slice(-CONTEXT).join('')}`;
}

function updateOf(
  { seq, updates, bytes, joined }: NonNullable<ConflictReport['update']>,
  { width }: Terminal,
): string {
  const others = updates > 1 ? `, the last of ${number(updates)} that build on each other,` : ',';
  const kept = `Update ${seq} of its log, ${number(bytes)} bytes${others} is kept`;
  return hanging(
    '',
    joined
      ? `${kept} and became part of the document later.`
      : `${kept} beside the document and is no part of it.`,
    width,
  );
}

/** What to do with it: a command a line, never broken, so that it can be pasted. */
function next(report: ConflictReport, terminal: Terminal): string {
  const { width } = terminal;
  const { id, document, resolved, update, sides } = report;
  const recover = `dualpath recover ${shellWord(document)} --conflict ${id}`;
  const resolve = `dualpath conflicts resolve ${id} --keep`;
  const side = sideToTake(report);
  const commands: readonly (readonly [string, string])[] = [
    update === null
      ? ['one side as a whole', `${recover} --side ${side}`]
      : ['the document with it', recover],
    ...(resolved
      ? []
      : ([[update === null ? 'close it as it is' : 'dismiss it', `${resolve} merged`]] as const)),
    ...(resolved || update !== null ? [] : ([['or with one side', `${resolve} ${side}`]] as const)),
  ];
  return [
    ...(sides.length > 0 ? [hanging('', legend(report), width), ''] : []),
    ...commands.map(([what, command]) => told(what, commandLine(command, terminal), width)),
  ].join('\n');
}

/** One that is not what the document became. */
function sideToTake({ blocks }: ConflictReport): ConflictSide {
  const stands = blocks.every(({ texts }) => texts.legacy === texts.result);
  return stands && blocks.length > 0 ? 'local-first' : 'legacy';
}

function legend({ sides }: ConflictReport): string {
  const reference = sides.some(({ side }) => side === 'base') ? 'the base' : 'the document before';
  return `{+words+} are new against ${reference}, [-words-] are gone.`;
}

const LABEL = 22;

const told = (what: string, command: string, width: number): string =>
  LABEL + command.length <= width ? `${what.padEnd(LABEL)}${command}` : `${what}:\n  ${command}`;
