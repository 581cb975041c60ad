import { describe, expect, it } from 'vitest';
import { documentOf, ERROR } from './document-of.ts';
import { runHere } from './streams.ts';

describe('a command line that is not understood', () => {
  it.each([
    ['an unknown command', 'strat', 'usage'],
    ['an unknown option', 'status --nonsense', 'usage'],
    ['a missing argument', 'start', 'usage'],
    ['an argument too many', 'start everyone staff', 'usage'],
    ['an option without its value', 'status --config', 'usage'],
    ['an unknown report', 'soak --report pdf=x', 'usage'],
    ['a report without a file', 'soak --report junit', 'usage'],
    ['a number that is none', 'verify --limit many', 'usage'],
    ['two scopes', 'verify --changed --document x', 'usage'],
    ['rollback without a reason', 'rollback everyone', 'usage'],
    ['rollback of nothing', 'rollback --reason x', 'usage'],
    ['rollback of some and all', 'rollback everyone --all --reason x', 'usage'],
    ['complete without a reason', 'complete everyone --yes', 'usage'],
    ['uninstall --all without --yes', 'uninstall --all', 'confirmation-needed'],
    ['a resolution without what is kept', 'conflicts resolve 1', 'usage'],
    ['a resolution that keeps what there is not', 'conflicts resolve 1 --keep mine', 'usage'],
    ['recover of two versions', 'recover a --revision 1 --kept u1', 'usage'],
    ['recover of a side of nothing', 'recover a --side base', 'usage'],
    ['no command', '', 'usage'],
    ['a command of commands alone', 'journal', 'usage'],
    ['an unknown command of one', 'journal shwo', 'usage'],
  ])('%s: 2, and one sentence with one remedy', async (_, line, code) => {
    const words = line.split(' ').filter(Boolean);
    const forPrograms = await runHere(['--json', ...words]);
    expect(forPrograms.exit).toBe(2);
    expect(documentOf(forPrograms)).toMatchObject({ error: { ...ERROR.error, code } });
    const forPeople = await runHere(words);
    expect(forPeople).toMatchObject({ exit: 2, stdout: '' });
    expect(forPeople.stderr).toMatch(/^error {2}\S.*\ndo → {3}\S.*\n$/m);
    expect(forPeople.stderr).not.toMatch(/^\s+at /m);
  });

  it('suggests what was meant', async () => {
    expect((await runHere(['strat'])).stderr).toContain('did you mean `start`?');
  });

  it('shows the commands to whoever gave none', async () => {
    expect((await runHere([])).stderr).toContain('Commands:');
  });
});

describe('what needs no rollout', () => {
  it('--version', async () => {
    expect(await runHere(['--version'])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(documentOf(await runHere(['--version', '--json']))).toEqual({ version: expect.any(String) });
  });

  it('--help is text for people, and a document for programs', async () => {
    expect(await runHere(['start', '--help'])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('Example:  dualpath start'),
      stderr: '',
    });
    expect(documentOf(await runHere(['start', '--help', '--json']))).toEqual({
      help: expect.stringContaining('Example'),
    });
  });
});

describe('a config that is not there', () => {
  it('is 2, and how to get one', async () => {
    const result = await runHere(['status', '--config', '/nonexistent/cohorts.yaml', '--json']);
    expect(result.exit).toBe(2);
    expect(documentOf(result)).toMatchObject({
      error: { ...ERROR.error, remedy: expect.stringContaining('init') },
    });
  });
});
