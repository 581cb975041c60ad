import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { screenOf } from './streams.ts';

const helpOf = (words: readonly string[]): string => {
  let said = '';
  const program = createProgram({
    terminal: screenOf(null).terminal,
    signal: new AbortController().signal,
    finish: () => undefined,
    said: (text) => {
      said += text;
    },
  });
  // The parser ends help as if it were an error.
  expect(() => program.parse([...words, '--help'], { from: 'user' })).toThrow();
  return said;
};

const program = createProgram({
  terminal: screenOf(null).terminal,
  signal: new AbortController().signal,
  finish: () => undefined,
});

const commandsIn = (command: Command, before: readonly string[] = []): readonly (readonly string[])[] =>
  command.commands.flatMap((child) => [
    [...before, child.name()],
    ...commandsIn(child, [...before, child.name()]),
  ]);
const ALL = commandsIn(program);

const find = (words: readonly string[]): Command => {
  const found = words.reduce<Command | undefined>(
    (command, word) => command?.commands.find((each) => each.name() === word),
    program,
  );
  if (!found) throw new Error(`no command ${words.join(' ')}`);
  return found;
};

describe('dualpath --help', () => {
  it('lists the commands that there are', () => {
    expect(program.commands.map((command) => command.name())).toEqual(
      `demo init doctor plan start soak verify flip complete rollback run pause resume status why diff recover
       conflicts quarantine journal database uninstall`.split(/\s+/),
    );
  });

  it.each('waive trace worker report serve save push pull'.split(' '))(
    'has no %s, which is not built yet',
    (name) => {
      expect(helpOf([])).not.toMatch(new RegExp(`^ +${name}\\b`, 'm'));
    },
  );

  it('is no wider than 80 columns', () => {
    for (const words of [[], ...ALL])
      for (const line of helpOf(words).split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
  });
});

describe.each(ALL.map((words) => [words.join(' '), words] as const))('dualpath %s --help', (name, words) => {
  it('says what it does and shows an example of itself', () => {
    const help = helpOf(words);
    expect(find(words).description()).not.toBe('');
    expect(help).toMatch(new RegExp(`^Example: {2}dualpath ${name}`, 'm'));
  });

  it('shows the options that every command has', () => {
    const [, global = ''] = helpOf(words).split(/^Global Options:$/m);
    for (const option of ['--config', '--json', '--no-color', '--operator']) expect(global).toContain(option);
  });

  it('explains each of its arguments', () => {
    for (const argument of find(words).registeredArguments) {
      expect(argument.description, argument.name()).not.toBe('');
      expect(helpOf(words)).toMatch(new RegExp(`^Arguments:\\n(.*\\n)*? +${argument.name()}  `, 'm'));
    }
  });

  it('explains each of its options', () => {
    for (const option of find(words).options) expect(option.description, option.long ?? '').not.toBe('');
  });
});

describe('what changes something', () => {
  const CHANGING = [
    'init',
    'start',
    'soak',
    'verify',
    'flip',
    'complete',
    'rollback',
    'run',
    'pause',
    'resume',
    'quarantine retry',
    'conflicts resolve',
    'database stop',
    'uninstall',
    'demo',
  ];

  it.each(CHANGING)('%s has --dry-run', (name) => {
    expect(find(name.split(' ')).options.map((option) => option.long)).toContain('--dry-run');
  });

  it.each(CHANGING.filter((name) => !['soak', 'database stop', 'demo'].includes(name)))(
    '%s takes a --reason for the journal',
    (name) => {
      expect(find(name.split(' ')).options.map((option) => option.long)).toContain('--reason');
    },
  );

  it.each(['complete', 'rollback'])('%s requires it', (name) => {
    const reason = find([name]).options.find((option) => option.long === '--reason');
    expect(reason?.mandatory).toBe(true);
  });
});
