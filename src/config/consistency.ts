import { parseTableName, quoteTable } from '../postgres/identifiers.ts';
import type { Finding } from './mistakes.ts';
import { atValue, quoted } from './mistakes.ts';
import type { ParsedFile } from './parse.ts';
import { list, record, selectionsOf, valueAt } from './raw.ts';

/**
 * What several keys say together. It looks at the data as it was read, whatever else is wrong with it, and says nothing
 * about values of another shape: those have been reported.
 */
export function checkConsistency(parsed: ParsedFile): readonly Finding[] {
  const { data } = parsed;
  return [
    ...checkDatabase(data),
    ...checkTables(data),
    ...checkSettle(data),
    ...checkAttributes(data),
    ...checkFlags(data),
    ...checkUnquotedIds(parsed),
  ];
}

function checkDatabase(data: unknown): Finding[] {
  const database = valueAt(data, ['database']);
  if (typeof database !== 'string' || database === '' || database === 'embedded') return [];
  const remedy = 'Write embedded, or a URL such as postgres://user:password@host:5432/name.';
  if (!/^postgres(ql)?:\/\//.test(database))
    return [atValue(['database'], 'is neither embedded nor a postgres:// URL', remedy)];
  // As pg reads it: a URL may leave the host out and name a socket in its query.
  if (/\s/.test(database) || !URL.canParse(database, 'postgres://base'))
    return [
      atValue(
        ['database'],
        'is a postgres:// URL that cannot be read',
        `${remedy} Percent-encode what is not plain.`,
      ),
    ];
  return [];
}

function checkTables(data: unknown): Finding[] {
  const legacy = tableKey(valueAt(data, ['documents', 'table']) ?? 'public.documents');
  const local = tableKey(valueAt(data, ['local_first', 'table']) ?? 'local_first.documents');
  if (legacy === null || legacy !== local) return [];
  const remedy = 'Name another table: the two stores are kept side by side.';
  return [atValue(['local_first', 'table'], 'is the legacy table too', remedy)];
}

function checkSettle(data: unknown): Finding[] {
  if ((valueAt(data, ['settle']) ?? null) === null || valueAt(data, ['write_path']) === 'own') return [];
  const remedy = 'Leave it out, or set write_path: own.';
  return [atValue(['settle'], 'is for an application that writes both stores by itself', remedy)];
}

function tableKey(name: unknown): string | null {
  try {
    return quoteTable(parseTableName(String(name)));
  } catch {
    return null; // reported as no table name
  }
}

/** Fields of an Unleash context that are not the application's to set: the SDK would read its own value instead. */
const RESERVED = [
  'userId',
  'sessionId',
  'remoteAddress',
  'environment',
  'appName',
  'currentTime',
  'properties',
];

function checkAttributes(data: unknown): Finding[] {
  return Object.keys(record(valueAt(data, ['users', 'attributes'])))
    .filter((name) => RESERVED.includes(name))
    .map((name) => ({
      path: ['users', 'attributes', name],
      at: 'key',
      problem: 'is a field that flag contexts use for something else',
      remedy: 'Give the attribute another name.',
    }));
}

function checkFlags(data: unknown): Finding[] {
  const findings: Finding[] = [];
  const dualWrite = valueAt(data, ['flags', 'dual_write']) ?? 'local-first.dual-write';
  if ((valueAt(data, ['flags', 'default']) ?? 'local-first.default') === dualWrite)
    findings.push(
      atValue(
        ['flags', 'default'],
        'is the dual_write flag too',
        'Name two flags: they change one at a time.',
      ),
    );
  const url = valueAt(data, ['flags', 'url']);
  if (typeof url === 'string' && url !== '' && !url.includes('$') && !/^https?:\/\/[^\s/]/.test(url))
    findings.push(
      atValue(
        ['flags', 'url'],
        'is no address of a server',
        'Write it with http:// or https://, such as https://unleash.example.com.',
      ),
    );
  return findings;
}

/** `007` and `1.0` would be read as numbers and compared as `7` and `1`: only the user knows which was meant. */
function checkUnquotedIds({ data, written }: ParsedFile): Finding[] {
  return list(valueAt(data, ['cohorts'])).flatMap((cohort, index) =>
    selectionsOf(cohort).flatMap(({ path, values }) =>
      values.flatMap((item, position) => {
        const here = ['cohorts', index, ...path, position];
        const source = written(here);
        if (!Number.isInteger(item) || source === null || source === String(item) || source.includes('$'))
          return [];
        return [
          atValue(
            here,
            `is ${source}, which YAML reads as the number ${String(item)}`,
            `Put quotes around it: ${quoted(source)}.`,
          ),
        ];
      }),
    ),
  );
}
