import { documentKeySql } from './document-key.ts';
import type { Column } from './inspect-table.ts';
import type { LegacyTable, Stores, UsersTable } from './stores.ts';

export const CAPTURE_EVENTS = ['insert', 'update', 'delete', 'truncate'] as const;
export type CaptureEvent = (typeof CAPTURE_EVENTS)[number];

/** A trigger function as it should stand in the catalogue. */
export interface CaptureFunction {
  readonly event: CaptureEvent;
  readonly name: string;
  readonly body: string;
}

/** Triggers and functions of ours carry the event in their names. */
export const triggerName = (event: CaptureEvent): string => `dualpath_capture_${event}`;

/** The functions that fill the queue from the legacy table, one an event. */
export const legacyFunctions = (stores: Stores): readonly CaptureFunction[] =>
  CAPTURE_EVENTS.map((event) => ({
    event,
    name: `dualpath.capture_document_${event}`,
    body: functionBody(legacyStatement(stores, event), true),
  }));

/** The same for a users table; a view has no rows of its own to watch. */
export const userFunctions = (stores: Stores): readonly CaptureFunction[] =>
  stores.users.isTable
    ? CAPTURE_EVENTS.map((event) => ({
        event,
        name: `dualpath.capture_user_${event}`,
        body: functionBody(userStatement(stores.users, event), false),
      }))
    : [];

/**
 * Runs as its owner, so that the writer needs no right on our schema and no policy of theirs applies, with nothing on
 * the search path that others can write to. No plan is to read a whole table of ours: it is cached for the session,
 * and the statement it was made for may have been a bulk one.
 */
export const createFunctionSql = (fn: CaptureFunction): string =>
  `create or replace function ${fn.name}() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
as $dualpath$${fn.body}$dualpath$`;

/** Statement triggers with transition tables: one call a statement, however many rows it wrote. */
export function createTriggerSql(table: string, fn: CaptureFunction): string {
  const head = `create or replace trigger ${triggerName(fn.event)}`;
  const tail = `for each statement execute function ${fn.name}()`;
  switch (fn.event) {
    case 'insert':
      return `${head} after insert on ${table} referencing new table as dp_new ${tail}`;
    case 'update':
      return `${head} after update on ${table} referencing old table as dp_old new table as dp_new ${tail}`;
    case 'delete':
      return `${head} after delete on ${table} referencing old table as dp_old ${tail}`;
    case 'truncate':
      return `${head} before truncate on ${table} ${tail}`;
  }
}

/**
 * The mark of our own statement counts at the first trigger depth only: what an application's trigger writes beside it is
 * the application's. A capture that fails is a warning, never a failed write of the application's: proofs find what
 * capture could not see. The message of the failure stays out of the log, since it can quote content.
 */
const functionBody = (statement: string, hasOwnWrites: boolean): string => `
begin
${
  hasOwnWrites
    ? `  if pg_trigger_depth() = 1 and current_setting('dualpath.own', true) = 'on' then
    return null;
  end if;
`
    : ''
}  begin
    ${statement};
  exception when others then
    raise warning 'dualpath could not capture a change of %.% (%)', tg_table_schema, tg_table_name, sqlstate;
  end;
  return null;
end
`;

function legacyStatement({ legacy, serverVersion }: Stores, event: CaptureEvent): string {
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

function userStatement(users: UsersTable, event: CaptureEvent): string {
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
const truncateStatement = (kind: 'document' | 'user', id: Column): string =>
  `execute format($sql$insert into dualpath.captures (kind, subject, gone)
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
  if (column.type === 'jsonb' || column.type.startsWith('int')) {
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
