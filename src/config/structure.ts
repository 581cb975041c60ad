import type { z } from 'zod';
import type { Finding, KeyPath } from './mistakes.ts';
import { keyName, quoted, shorten } from './mistakes.ts';
import { type ParsedFile, SECRET_KEYS, UNRESOLVED } from './parse.ts';
import { valueAt } from './raw.ts';
import { type ConfigFile, fileSchema } from './schema.ts';
import { unknownKey } from './unknown-key.ts';

type Issue = z.core.$ZodIssue;

/** The file in its declared shape, or all that is wrong with keys, types and values. */
export type Structure = { readonly file: ConfigFile | null; readonly findings: readonly Finding[] };

export function checkStructure(parsed: ParsedFile): Structure {
  const first = fileSchema.safeParse(parsed.data);
  if (first.success) return { file: first.data, findings: [] };
  const result = numbersFromVariables(parsed, first.error.issues) ? fileSchema.safeParse(parsed.data) : first;
  if (result.success) return { file: result.data, findings: [] };
  const { issues } = result.error;
  const misspelt = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownKey(issue.path as KeyPath, key)) : [],
  );
  // A key that is there under a wrong name is one mistake, not two.
  const meant = new Set(misspelt.map((finding) => finding.meant && keyName(finding.meant)));
  const others = issues
    .flatMap((issue) => findingsOf(parsed, issue))
    .filter(({ path }) => valueAt(parsed.data, path) !== undefined || !meant.has(keyName(path)));
  const findings: readonly Finding[] = [...misspelt, ...others];
  // A value can offend against several rules with one remedy: once is enough.
  const distinct = new Map(
    findings.map((finding) => [`${keyName(finding.path)} ${finding.remedy}`, finding]),
  );
  return { file: null, findings: [...distinct.values()] };
}

/** A variable gives text; where a number is wanted and the text is one, take it for that. Says whether any was. */
function numbersFromVariables(parsed: ParsedFile, issues: readonly Issue[]): boolean {
  let any = false;
  for (const { code, path } of issues) {
    const value = valueAt(parsed.data, path as KeyPath);
    if (code === 'unrecognized_keys' || typeof value !== 'string') continue;
    if (!/^\d+(\.\d+)?$/.test(value) || !parsed.written(path as KeyPath)?.includes('${')) continue;
    const parent = valueAt(parsed.data, path.slice(0, -1) as KeyPath) as Record<PropertyKey, unknown>;
    parent[path.at(-1) as PropertyKey] = Number(value);
    any = true;
  }
  return any;
}

function findingsOf(parsed: ParsedFile, issue: Issue): readonly Finding[] {
  const path = issue.path as KeyPath;
  if (issue.code === 'unrecognized_keys') return [];
  if (issue.code === 'invalid_key')
    return [{ path, at: 'key', problem: 'is no name', remedy: issue.issues[0]?.message ?? '' }];
  const value = valueAt(parsed.data, path);
  if (value === UNRESOLVED) return [];
  const missing = value === undefined;
  return [
    { path, at: missing ? 'key' : 'value', problem: problemOf(parsed, path, value), remedy: issue.message },
  ];
}

/** What stands there, without giving away a secret. */
function problemOf(parsed: ParsedFile, path: KeyPath, value: unknown): string {
  if (value === undefined) return path.length === 0 ? 'is empty' : 'is missing';
  if (value === null) return 'is empty';
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : `is a list of ${value.length}`;
  if (typeof value === 'object') return 'is a map of keys';
  const written = parsed.written(path);
  if (written === null || isSecret(path))
    return `is not right (${typeof value === 'string' ? 'text' : 'no text'})`;
  return written === ''
    ? 'is empty text'
    : `is ${typeof value === 'string' ? quoted(written) : shorten(written)}`;
}

/** The database's URL holds a password, and the tokens are passwords. */
const isSecret = (path: KeyPath): boolean => SECRET_KEYS.has(keyName(path)) || keyName(path) === 'database';
