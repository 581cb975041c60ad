import { UsageError } from '../errors.ts';

/** Keys and list positions that lead to a value. */
export type KeyPath = readonly (string | number)[];

/** One thing wrong with the file. `problem` continues the key (`is 7`); `remedy` is an imperative sentence. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A mistake before its place in the file is looked up: at the value of the key, or at the key itself. */
export interface Finding {
  readonly path: KeyPath;
  readonly at: 'value' | 'key';
  readonly problem: string;
  readonly remedy: string;
}

/** `cohorts[2].soak.duration`; a key that is not a plain word is quoted. The file itself is the empty string. */
export function keyName(path: KeyPath): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    const key = /^[\w-]{1,60}$/.test(step) ? step : quoted(step);
    return name === '' ? key : `${name}.${key}`;
  }, '');
}

const SHOWN = 60;
export const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** On one line and without effect on a terminal, whatever the file holds. */
export const quoted = (text: string): string =>
  JSON.stringify(shorten(text)).replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

export const atValue = (path: KeyPath, problem: string, remedy: string): Finding => ({
  path,
  at: 'value',
  problem,
  remedy,
});

/** Every mistake of one file as one error: a line each, in the order of the file. */
export function configInvalid(path: string, mistakes: readonly Mistake[]): UsageError {
  const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(
    ({ line, column, key, problem, remedy }) =>
      `  ${path}:${line}:${column}  ${key === '' ? 'the file' : key} ${problem}. ${remedy}`,
  );
  const count = sorted.length === 1 ? 'a mistake' : `${sorted.length} mistakes`;
  return new UsageError(
    'config-invalid',
    `${path} has ${count}:\n${lines.join('\n')}`,
    'Mend the file and run the command again; nothing has been touched.',
    { path, mistakes: sorted },
  );
}
