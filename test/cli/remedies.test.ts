import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { stringLiterals } from '../support/string-literals.ts';
import { runHere, screenOf } from './streams.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** What a key of the config means is explained with the names of commands; nobody is told to run them there. */
const EXPLAINS = ['config/schema.ts', 'config/json-schema.ts'];

const NAMES = createProgram({
  terminal: screenOf(null).terminal,
  signal: new AbortController().signal,
  finish: () => undefined,
})
  .commands.map((command) => command.name())
  // That is a key of the config too, and alone it is no command.
  .filter((name) => name !== 'database');

/** The commands that a text tells to run: in backticks, or two spaces after `Example:` and the like, up to the end of the line. */
function commandsIn(text: string): readonly string[] {
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  const lines = [...text.matchAll(/: {2,}((?:npx )?dualpath .+?)(?:, then .*)?$/gm)].map(
    ([, line = '']) => line,
  );
  return [...spans, ...lines.map((line) => line.replace(/^npx /, ''))].filter((span) => {
    const [first = ''] = span.split(' ');
    return first === 'dualpath' || NAMES.includes(first);
  });
}

const told = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !EXPLAINS.includes(name))
  .flatMap((name) =>
    stringLiterals(readFileSync(join(SRC, name), 'utf8'))
      .flatMap(commandsIn)
      // The transition table knows no names; whoever reads from it fills them in.
      .map(
        (line) => [name === 'core/transitions.ts' ? line.replaceAll('<cohort>', 'x') : line, name] as const,
      ),
  );
const distinct = [...new Map(told)];

/** The words of a line as a POSIX shell hands them over, up to a redirection. */
function words(line: string): readonly string[] {
  const found = [...line.matchAll(/((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+)/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, '$1$2$3'),
  );
  const redirected = found.indexOf('>');
  return redirected < 0 ? found : found.slice(0, redirected);
}

const directory = mkdtempSync(join(tmpdir(), 'dualpath-remedies-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Reports are written even by a command that fails, and not beside whoever runs the tests. */
const elsewhere = (word: string): string =>
  word.replace(/^(junit|markdown|json)=(.+)$/, (_, kind, file) => `${kind}=${join(directory, file)}`);

describe('a command that a message tells to run', () => {
  it('is found in the source', () => {
    expect(distinct.length).toBeGreaterThan(40);
    expect(distinct.map(([line]) => line)).toEqual(
      expect.arrayContaining([
        'dualpath init',
        'dualpath rollback x --reason "why"',
        'dualpath complete x --reason "why" --yes',
      ]),
    );
  });

  // What the options lack is said before the config is read, so a config that is not there shows that they lack nothing.
  it.each(distinct)('%s (%s) is understood as it stands', async (line) => {
    const [program, ...argv] = words(line).map(elsewhere);
    expect(program, 'it begins with the program').toBe('dualpath');
    expect(line, 'no placeholder is left in it').not.toMatch(/[<>…]\S/);
    const nowhere = ['--config', '/nonexistent/cohorts.yaml', '--json'];
    // The demo would run; the stopping of a database that was never there is a success.
    const result = await runHere([...argv, ...(argv[0] === 'demo' ? ['--dry-run'] : []), ...nowhere]);
    expect([0, 2]).toContain(result.exit);
    const { error } = JSON.parse(result.stdout) as { error?: { code: string; message: string } };
    expect(error?.code ?? 'config-not-found', error?.message).toMatch(/^config-/);
  });

  it('goes to the config that was named', async () => {
    const config = '/nonexistent/my cohorts.yaml';
    const first = await runHere(['uninstall', '--all', '--config', config]);
    const [, line = ''] = /`(dualpath [^`]+)`/.exec(first.stderr) ?? [];
    const pasted = await runHere([...words(line).slice(1), '--json']);
    expect(JSON.parse(pasted.stdout)).toMatchObject({
      error: { code: 'config-not-found', message: expect.stringContaining(config) },
    });
  });

  it('is told from one that lacks an option', async () => {
    const lacking = await runHere(['rollback', 'x', '--config', '/nonexistent/cohorts.yaml', '--json']);
    expect(JSON.parse(lacking.stdout)).toMatchObject({ error: { code: 'usage' } });
  });
});
