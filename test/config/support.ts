import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Mistake } from '../../src/config/mistakes.ts';
import { UsageError } from '../../src/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The shortest file that is right. */
export const SHORTEST = `version: 1
database: embedded
documents: {}
users: {}
flags: { provider: file }
cohorts:
  - { name: everyone, everyone: true }
`;

/** The shortest file with some of its top-level keys replaced, or added; an empty text leaves a key out. */
export function fileWith(replaced: Readonly<Record<string, string>>): string {
  const sections: Record<string, string> = {
    version: 'version: 1\n',
    database: 'database: embedded\n',
    documents: 'documents: {}\n',
    users: 'users: {}\n',
    flags: 'flags: { provider: file }\n',
    cohorts: 'cohorts:\n  - { name: everyone, everyone: true }\n',
    ...replaced,
  };
  return Object.values(sections)
    .map((section) => (section === '' || section.endsWith('\n') ? section : `${section}\n`))
    .join('');
}

export const cohorts = (...lines: readonly string[]): string =>
  `cohorts:\n${lines.map((line) => `  - ${line}\n`).join('')}`;

export const configOf = (text: string, env: Env = {}): Config =>
  parseConfig(text, { path: 'cohorts.yaml', env });

/** The error that a file meets; the test fails where there is none. */
export function errorOf(text: string, env: Env = {}): UsageError {
  try {
    configOf(text, env);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('no mistake was found');
}

export const mistakesOf = (text: string, env: Env = {}): readonly Mistake[] =>
  errorOf(text, env).details.mistakes as readonly Mistake[];

/** `line:column key problem. remedy` of each mistake. */
export const linesOf = (text: string, env: Env = {}): readonly string[] =>
  mistakesOf(text, env).map(
    ({ line, column, key, problem, remedy }) => `${line}:${column} ${key} ${problem}. ${remedy}`,
  );
