import type { Config } from '../config/config.ts';
import { parseTableName, quoteIdent, quoteTable } from '../postgres/identifiers.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * Creates the documents and users tables that a config names, empty, where neither is there: an embedded database is
 * dualpath's own, so a first config works as it stands and there is something to insert into. Gives what it created.
 */
export async function createExampleTables(
  db: Queryable,
  { documents, users }: Config,
): Promise<readonly string[]> {
  const tables = [quoteTable(parseTableName(users.table)), quoteTable(parseTableName(documents.table))];
  const { rows } = await db.query<{ there: boolean }>(
    `select to_regclass($1::text) is not null or to_regclass($2::text) is not null as there`,
    tables,
  );
  if (rows[0]?.there) return [];
  const { columns, format } = documents;
  const content = format === 'prosemirror' || format === 'quill' ? 'jsonb' : 'text';
  const attributes = [...new Set(Object.values(users.attributes))];
  for (const name of [users.table, documents.table])
    await db.query(`create schema if not exists ${quoteIdent(parseTableName(name).schema)}`);
  await createTable(db, users.table, [
    `${quoteIdent(users.columns.id)} text primary key`,
    ...attributes.map((column) => `${quoteIdent(column)} text`),
  ]);
  await createTable(db, documents.table, [
    `${quoteIdent(columns.id)} text primary key`,
    `${quoteIdent(columns.owner)} text`,
    `${quoteIdent(columns.content)} ${content} not null`,
    ...(columns.revision ? [`${quoteIdent(columns.revision)} bigint not null default 1`] : []),
    ...(columns.updatedAt ? [`${quoteIdent(columns.updatedAt)} timestamptz not null default now()`] : []),
  ]);
  return tables;
}

async function createTable(db: Queryable, name: string, columns: readonly string[]): Promise<void> {
  await db.query(`create table ${quoteTable(parseTableName(name))} (${columns.join(', ')})`);
}
