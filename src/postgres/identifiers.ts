import { UsageError } from '../errors.ts';

/** A table by its schema and its name, each exactly as the catalog spells it. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** The one place where a name becomes SQL: `a"b` → `"a""b"`. Throws `UsageError` for a name no catalog can hold. */
export function quoteIdent(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new UsageError(
      'bad-name',
      name === '' ? 'A database name is empty.' : 'A database name contains the character U+0000.',
      'Give the name of the table or column as the database spells it.',
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTable(name: TableName): string {
  return `${quoteIdent(name.schema)}.${quoteIdent(name.table)}`;
}

// A part is quoted, with "" for a quote inside, or bare: anything but a dot, a quote or white space.
const PART = String.raw`(?:"((?:[^"]|"")+)"|([^".\s]+))`;
const TABLE = new RegExp(`^(?:${PART}\\.)?${PART}$`);

/**
 * `documents`, `public.documents` or `"Mixed.Case"."Docs"`; without a schema it is `public`.
 * A name is taken as given, quoted or not: nothing is folded to lower case.
 */
export function parseTableName(text: string): TableName {
  const match = TABLE.exec(text.trim());
  const table = unquote(match?.[3], match?.[4]);
  if (match === null || table === undefined || text.includes('\0')) {
    throw new UsageError(
      'bad-table-name',
      `${JSON.stringify(text.slice(0, 200))} is not the name of a table.`,
      'Write it as schema.table, with double quotes around a part that contains a dot, a space or a quote.',
    );
  }
  return { schema: unquote(match[1], match[2]) ?? 'public', table };
}

function unquote(quoted: string | undefined, bare: string | undefined): string | undefined {
  return quoted === undefined ? bare : quoted.replaceAll('""', '"');
}
