import { legacyStatement, pairedStatement, stateStatement, userStatement } from './capture-statements.ts';
import type { Stores } from './stores.ts';

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
export const legacyFunctions = (stores: Stores): readonly CaptureFunction[] => {
  const statement = stores.config.writePath === 'own' ? pairedStatement : legacyStatement;
  return CAPTURE_EVENTS.map((event) => ({
    event,
    name: `dualpath.capture_document_${event}`,
    body: functionBody(statement(stores, event), true),
  }));
};

/** From the local-first table, where the application writes it by itself; else nobody does but us. */
export const stateFunctions = (stores: Stores): readonly CaptureFunction[] =>
  stores.config.writePath === 'own'
    ? CAPTURE_EVENTS.map((event) => ({
        event,
        name: `dualpath.capture_state_${event}`,
        body: functionBody(stateStatement(stores, event), true),
      }))
    : [];

/** The same for a users table; a view has no rows of its own to watch. */
export const userFunctions = (stores: Stores): readonly CaptureFunction[] =>
  stores.users.isTable
    ? CAPTURE_EVENTS.map((event) => ({
        event,
        name: `dualpath.capture_user_${event}`,
        body: functionBody(userStatement(stores.users, event), false),
      }))
    : [];

export const allFunctions = (stores: Stores): readonly CaptureFunction[] => [
  ...legacyFunctions(stores),
  ...stateFunctions(stores),
  ...userFunctions(stores),
];

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
