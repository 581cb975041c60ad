import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { GATE_NAMES } from '../../src/core/gates.ts';
import { STAGES } from '../../src/core/model.ts';
import { MERGE_REASONS, REFUSALS } from '../../src/report/conflict-reasons.ts';
import { MISMATCH_CLASSES } from '../../src/verify/compare.ts';
import { codeIn, firstColumn, PAGES, read, sectionOf, tableIn } from './pages.ts';
import { sourceText } from './sources.ts';

const PAGE = 'docs/operations.md';

const program = createProgram({
  terminal: openTerminal({ json: false, color: false }),
  signal: new AbortController().signal,
  finish: () => undefined,
});

/** `journal show` for a command within another. */
function leavesOf(command: Command, prefix = ''): readonly string[] {
  return command.commands.flatMap((child) => {
    const name = `${prefix}${child.name()}`;
    return child.commands.length > 0 ? leavesOf(child, `${name} `) : [name];
  });
}

/** What is wrong with a command line as a page has it; null if nothing is. */
function faultIn(words: readonly string[]): string | null {
  let command = program;
  for (const word of words) {
    const child = command.commands.find((each) => each.name() === word);
    if (!child) break;
    command = child;
  }
  const line = `dualpath ${words.join(' ')}`;
  const [first = ''] = words;
  if (command === program && /^[a-z]/.test(first)) return `${line}: no such command`;
  if (command.commands.length > 0 && command !== program && words.length > 1)
    return `${line}: no such command`;
  const known = new Set(
    [...command.options, ...program.options].map((option) => option.long).concat('--help', '--version'),
  );
  const unknown = words.find((word) => word.startsWith('--') && !known.has(word));
  return unknown === undefined ? null : `${line}: no option ${unknown}`;
}

/** Command lines in the code of a page: `dualpath …` wherever it stands, and `verify --repair` by itself. */
function commandLinesIn(page: string): readonly (readonly string[])[] {
  return codeIn(read(page)).flatMap((code) => {
    const line = code.replace(/\s#.*$/, '').trim();
    const named = [...line.matchAll(/(?:^|\s)dualpath ((?!·)[^·|>;&]+)/g)].map(([, words = '']) => words);
    const bare =
      /^[a-z]+ --[a-z]/.test(line) && leavesOf(program).includes(line.split(' ')[0] ?? '') ? [line] : [];
    return [...named, ...bare].map((words) =>
      words
        .replace(/ {2,}.*$/, '')
        .trim()
        .split(/[ =]+/),
    );
  });
}

describe('docs/operations.md', () => {
  it('lists every command there is, and no other', () => {
    expect([...firstColumn(sectionOf(PAGE, '## Commands'))].sort()).toEqual([...leavesOf(program)].sort());
  });

  it('names for each command only options that it has', () => {
    const rows = tableIn(sectionOf(PAGE, '## Commands'));
    const faults = rows.flatMap(([name = '', does = '']) =>
      [...does.matchAll(/--[a-z-]+/g)].flatMap(([option]) => faultIn([...name.split(' '), option]) ?? []),
    );
    expect(faults).toEqual([]);
  });

  it('has a section for every stage, in order', () => {
    const headings = [...sectionOf(PAGE, '## Stages').matchAll(/^### (.+)$/gm)].map(([, stage]) => stage);
    expect(headings).toEqual(STAGES);
  });

  it('explains every gate, in order', () => {
    expect(firstColumn(sectionOf(PAGE, '## Gates'))).toEqual(GATE_NAMES);
  });

  it('explains every class of drift', () => {
    expect(firstColumn(sectionOf(PAGE, '## Drift'))).toEqual(MISMATCH_CLASSES);
  });

  it('explains every exit code, as the README does', () => {
    const [, union = ''] = /^export type ExitCode = (.+);$/m.exec(read('src/errors.ts')) ?? [];
    const codes = union.split(' | ');
    expect(firstColumn(sectionOf(PAGE, '## Exit codes'))).toEqual(codes);
    expect(firstColumn(sectionOf('README.md', '## Exit codes'))).toEqual(codes);
  });

  it('explains every reason for which a document is held', () => {
    const explained = firstColumn(sectionOf(PAGE, '## Quarantine')).flatMap((cell) => cell.split(', '));
    const given = [
      ...sourceText('src/formats').matchAll(/new UnconvertibleError\(\s*'([a-z-]+)'/g),
      ...sourceText('src/write-path').matchAll(
        /(?:new UnconvertibleError\(\s*|(?<!kind: 'refused', )code: |quarantine: )'([a-z-]+)'/g,
      ),
      ...sourceText('src/backfill').matchAll(/code: '([a-z-]+)'/g),
    ].map(([, code]) => code);
    expect([...explained].sort()).toEqual([...new Set(given)].sort());
  });

  it('explains every reason for which a merge is recorded, and nothing else', () => {
    expect(firstColumn(sectionOf(PAGE, '## Conflicts'))).toEqual(Object.keys(MERGE_REASONS));
  });

  it('explains every reason for which an update is kept apart, and nothing else', () => {
    const explained = firstColumn(sectionOf(PAGE, '### Refused updates')).flatMap((cell) => cell.split(', '));
    expect(explained).toEqual(Object.keys(REFUSALS));
    const given = [
      ...sourceText('src/write-path').matchAll(/kind: 'refused', code: '([a-z-]+)'/g),
      ...sourceText('src/formats/push').matchAll(/(?:new RejectedUpdateError|refused)\(\s*'([a-z-]+)'/g),
    ].map(([, code]) => code);
    expect(given.filter((code) => !explained.includes(code ?? ''))).toEqual([]);
  });

  it('names no error code that the program does not have', () => {
    const source = sourceText('src');
    const tables = read(PAGE)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) =>
        [...(line.split('|')[1] ?? '').matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code]) => code),
      );
    expect(
      tables.filter((code) => !source.includes(`'${code}'`) && !STAGES.some((each) => each === code)),
    ).toEqual([]);
  });
});

describe.each([...PAGES, 'examples/github-actions/soak.yml'])('%s', (page) => {
  it('shows only commands and options that exist', () => {
    const lines = page.endsWith('.md')
      ? commandLinesIn(page)
      : [...read(page).matchAll(/npx dualpath ([^\n|]+)/g)].map(([, words = '']) => words.split(/[ =]+/));
    expect(lines.flatMap((words) => faultIn(words) ?? [])).toEqual([]);
  });
});
