import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../src/core/shell-word.ts';

describe('a document id in a command to be pasted', () => {
  it.each([
    'doc-1',
    "it's a draft",
    '$(rm -rf x)',
    'a "b" `c` \\d',
    '-n',
    '=x',
    '~root',
    'two\nlines',
    '',
    'ключ',
    '日本語',
    '*',
    '#1',
    'a;b',
    "red \u001b[31m 'and' \\ %s \u009b",
  ])('%j reaches the program as it is', (id) => {
    expect(execFileSync('sh', ['-c', `printf '%s' ${shellWord(id)}`], { encoding: 'utf8' })).toBe(id);
  });

  it('holds nothing that a terminal obeys', () => {
    expect(shellWord('a\u001b[31mb')).toBe(`"$(printf %b 'a\\0033[31mb')"`);
  });

  it('stays plain where it can', () => {
    expect(shellWord('4f1c2a90-8e1d')).toBe('4f1c2a90-8e1d');
  });
});
