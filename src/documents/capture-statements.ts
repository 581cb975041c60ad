import type { CaptureEvent } from './capture.ts';
import { documentKeySql } from './document-key.ts';
import type { Column } from './inspect-table.ts';
import type { LegacyTable, Stores, UsersTable } from './stores.ts';

/** The statement with which a trigger function fills the queue; `dp_old` and `dp_new` are its transition tables. */
export function legacyStatement(
  { legacy, serverVersion }: Pick<Stores, 'legacy' | 'serverVersion'>,
  event: CaptureEvent,
): string {
  const rewritten = contentDiffers(legacy.content, serverVersion);
  const id = legacy.id.quoted;
  switch (event) {
    case 'insert':
      return `insert into dualpath.captures (kind, subject, content, revision)
    select 'document', w.key, ${contentOfLinked('w.content', 'true')}, w.revision
      from (select ${keyOf(`n.${id}`)} as key, n.${legacy.content.quoted} as content, ${revisionOf(legacy)} as revision
              from dp_new n) w`;
    case 'update':
      return `insert into dualpath.captures (kind, subject, content, revision, gone)
    select 'document', w.key, ${contentOfLinked('w.content', 'w.rewritten')}, w.revision, w.gone
      from (select ${keyOf(`coalesce(n.${id}, o.${id})`)} as key, n.${legacy.content.quoted} as content,
                   ${revisionOf(legacy)} as revision, n.${id} is null as gone,
                   o.${id} is null or ${rewritten} as rewritten
              from dp_old o full join dp_new n on n.${id} = o.${id}
             where o.${id} is null or n.${id} is null
                or ${watchedColumns(legacy).map(differs).join('\n                or ')}
                or ${rewritten}) w`;
    case 'delete':
      return `insert into dualpath.captures (kind, subject, gone)
    select 'document', ${keyOf(`o.${id}`)}, true from dp_old o`;
    case 'truncate':
      return truncateStatement('document', legacy.id);
  }
}

/**
 * The same where the application writes both stores by itself: which rows, and which are new. What it wrote is the
 * application's to keep, so its writes cost no copy of the content.
 */
export function pairedStatement({ legacy, serverVersion }: Stores, event: CaptureEvent): string {
  const id = legacy.id.quoted;
  switch (event) {
    case 'insert':
      return `insert into dualpath.captures (kind, subject, created)
    select 'document', ${keyOf(`n.${id}`)}, true from dp_new n`;
    case 'update':
      return `insert into dualpath.captures (kind, subject, gone, created)
    select 'document', ${keyOf(`coalesce(n.${id}, o.${id})`)}, n.${id} is null, o.${id} is null
      from dp_old o full join dp_new n on n.${id} = o.${id}
     where o.${id} is null or n.${id} is null
        or ${[...watchedColumns(legacy).map(differs), contentDiffers(legacy.content, serverVersion)].join('\n        or ')}`;
    case 'delete':
    case 'truncate':
      return legacyStatement({ legacy, serverVersion }, event);
  }
}

/** And from the local-first table: a state that came, went or became another one. */
export function stateStatement({ localFirst, serverVersion }: Stores, event: CaptureEvent): string {
  const { id, state } = localFirst;
  const insert = `insert into dualpath.captures (kind, subject, local)
    select 'document', `;
  switch (event) {
    case 'insert':
      return `${insert}${keyOf(`n.${id.quoted}`)}, true from dp_new n`;
    case 'update':
      return `${insert}${keyOf(`coalesce(n.${id.quoted}, o.${id.quoted})`)}, true
      from dp_old o full join dp_new n on n.${id.quoted} = o.${id.quoted}
     where o.${id.quoted} is null or n.${id.quoted} is null or ${contentDiffers(state, serverVersion)}`;
    case 'delete':
      return `${insert}${keyOf(`o.${id.quoted}`)}, true from dp_old o`;
    case 'truncate':
      return truncateStatement('document', id, 'local');
  }
}

export function userStatement(users: UsersTable, event: CaptureEvent): string {
  const id = users.id.quoted;
  const insert = `insert into dualpath.captures (kind, subject)
    select 'user', `;
  switch (event) {
    case 'insert':
      return `${insert}${keyOf(`n.${id}`)} from dp_new n where n.${id} is not null`;
    case 'update': {
      const watched = users.attributes.map(({ column }) => differs(column));
      return `${insert}${keyOf(`coalesce(n.${id}, o.${id})`)}
      from dp_old o full join dp_new n on n.${id} = o.${id}
     where coalesce(n.${id}, o.${id}) is not null
       and (${[`o.${id} is null`, `n.${id} is null`, ...watched].join(' or ')})`;
    }
    case 'delete':
      return `${insert}${keyOf(`o.${id}`)} from dp_old o where o.${id} is not null`;
    case 'truncate':
      return truncateStatement('user', users.id);
  }
}

/** Each table of a family saves its own rows: `truncate` of a parent fires the triggers of every partition. */
const truncateStatement = (kind: 'document' | 'user', id: Column, column = 'gone'): string =>
  `execute format($sql$insert into dualpath.captures (kind, subject, ${column})
    select '${kind}', ${keyOf(`t.${id.quoted.replaceAll('%', '%%')}`)}, true
      from only %I.%I t where t.${id.quoted.replaceAll('%', '%%')} is not null$sql$, tg_table_schema, tg_table_name)`;

const keyOf = (id: string): string => documentKeySql(`${id}::text`);

const revisionOf = (legacy: LegacyTable): string =>
  legacy.revision ? `n.${legacy.revision.quoted}::bigint` : 'null::bigint';

/** Content is kept for seeded documents alone. A scalar subquery is looked up by index, never hashed. */
const contentOfLinked = (content: string, changed: string): string =>
  `case when ${changed} and (select true from dualpath.documents d where d.id = w.key limit 1)
                then ${content}::text end`;

/** Byte for byte: a collation may call different texts equal. jsonb has an equality of its own, json has none. */
function differs(column: Column): string {
  const side = (alias: string): string => `${alias}.${column.quoted}`;
  if (['jsonb', 'bytea'].includes(column.type) || column.type.startsWith('int')) {
    return `${side('o')} is distinct from ${side('n')}`;
  }
  return `${side('o')}::text collate "C" is distinct from ${side('n')}::text collate "C"`;
}

/**
 * Most updates of a large content leave it where it is, outside the row: then its address says so without reading it,
 * which is what makes an update of another column as cheap as it was. Postgres 17 tells the address.
 */
function contentDiffers(content: Column, serverVersion: number): string {
  if (serverVersion < 170_000) return differs(content);
  const address = (alias: string): string => `pg_column_toast_chunk_id(${alias}.${content.quoted})`;
  return `case when ${address('o')} = ${address('n')} then false else ${differs(content)} end`;
}

/**
 * The columns beside the content whose change can change a document: those mapped, and those that `where` mentions. Instead
 * of evaluating an expression of the application's inside its own write, any change of a column it reads is captured, and the take-in
 * asks whether the row is still inside.
 */
export function watchedColumns(legacy: LegacyTable): readonly Column[] {
  const { facts, where, owner, content, revision } = legacy;
  const mapped = [owner, ...(revision ? [revision] : [])];
  if (where === null) return mapped;
  const text = where.toLowerCase();
  const wholeRow = text.includes(facts.name.toLowerCase()) || where.includes('\\');
  const mentioned = facts.columns.filter(
    (column) => wholeRow || text.includes(column.name.toLowerCase().replaceAll('"', '""')),
  );
  const read = mentioned.length > 0 ? mentioned : facts.columns;
  const known = [legacy.id, content, ...mapped];
  return [...mapped, ...read.filter((column) => !known.includes(column))];
}
