import type { Queryable } from '../postgres/queryable.ts';
import {
  allFunctions,
  CAPTURE_EVENTS,
  type CaptureEvent,
  type CaptureFunction,
  legacyFunctions,
  stateFunctions,
  triggerName,
  userFunctions,
} from './capture.ts';
import { tableFamily } from './inspect-table.ts';
import type { Stores } from './stores.ts';

/** What keeps changes of a table from being captured; `init` mends all but `unwatchable`. */
export interface CaptureProblem {
  /** The table or partition, as one would write it; a function for `outdated`. */
  readonly table: string;
  readonly event: CaptureEvent;
  /** `unwatchable`: a foreign table, whose writes no trigger with transition tables can see. */
  readonly problem: 'missing' | 'disabled' | 'outdated' | 'unwatchable';
}

/** A table whose changes are captured, with what fires on it. */
export interface WatchedTable {
  readonly oid: string;
  readonly quoted: string;
  readonly foreign: boolean;
  readonly functions: readonly CaptureFunction[];
}

/**
 * Every table that needs triggers: the legacy table, a users table, the local-first table where the application writes it,
 * and the partitions of each as they are now.
 */
export async function watchedTables(db: Queryable, stores: Stores): Promise<readonly WatchedTable[]> {
  const legacy = await tableFamily(db, stores.legacy.facts.oid);
  const states = stores.config.writePath === 'own' ? await stateFamily(db, stores) : [];
  const users = stores.users.isTable ? await tableFamily(db, stores.users.facts.oid) : [];
  return [
    ...legacy.map((table) => ({ ...table, functions: legacyFunctions(stores) })),
    ...states.map((table) => ({ ...table, functions: stateFunctions(stores) })),
    ...users.map((table) => ({ ...table, functions: userFunctions(stores) })),
  ];
}

/** The local-first table may be created by the same `init`: until then it has no oid, and no triggers. */
async function stateFamily(
  db: Queryable,
  { localFirst: { quoted } }: Stores,
): Promise<readonly Omit<WatchedTable, 'functions'>[]> {
  const { rows } = await db.query<{ oid: string | null }>(`select to_regclass($1::text)::oid::text as oid`, [
    quoted,
  ]);
  const oid = rows[0]?.oid ?? null;
  return oid === null ? [{ oid: '0', quoted, foreign: false }] : tableFamily(db, oid);
}

/** Everything that keeps capture from seeing changes as this program would install it; empty: all is well. */
export async function captureHealth(db: Queryable, stores: Stores): Promise<readonly CaptureProblem[]> {
  const tables = await watchedTables(db, stores);
  const outdated = await outdatedFunctions(db, allFunctions(stores));
  const installed = await installedTriggers(
    db,
    tables.map((table) => table.oid),
  );
  return [
    ...outdated.map((fn): CaptureProblem => ({ table: fn.name, event: fn.event, problem: 'outdated' })),
    ...tables.flatMap((table) => tableProblems(table, installed)),
  ];
}

function tableProblems(
  table: WatchedTable,
  installed: ReadonlyMap<string, string>,
): readonly CaptureProblem[] {
  if (table.foreign) return [{ table: table.quoted, event: 'update', problem: 'unwatchable' }];
  return CAPTURE_EVENTS.flatMap((event): CaptureProblem[] => {
    const enabled = installed.get(`${table.oid} ${triggerName(event)}`);
    if (enabled === undefined) return [{ table: table.quoted, event, problem: 'missing' }];
    return enabled === 'D' || enabled === 'R' ? [{ table: table.quoted, event, problem: 'disabled' }] : [];
  });
}

/** `oid trigger` → how it fires: `O` and `A` are on, `D` is off, `R` fires for replicas only. */
export async function installedTriggers(
  db: Queryable,
  oids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ oid: string; name: string; enabled: string }>(
    `select t.tgrelid::text as oid, t.tgname as name, t.tgenabled as enabled
       from pg_catalog.pg_trigger t
      where t.tgrelid = any($1::oid[]) and t.tgname = any($2::text[])`,
    [oids, CAPTURE_EVENTS.map(triggerName)],
  );
  return new Map(rows.map((row) => [`${row.oid} ${row.name}`, row.enabled]));
}

/** Those of the functions that are not in the catalogue as they should be. */
export async function outdatedFunctions(
  db: Queryable,
  functions: readonly CaptureFunction[],
): Promise<readonly CaptureFunction[]> {
  const { rows } = await db.query<{ name: string; body: string; definer: boolean }>(
    `select n.nspname || '.' || p.proname as name, p.prosrc as body, p.prosecdef as definer
       from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'dualpath' and p.proname like 'capture\\_%'`,
  );
  const bodies = new Map(rows.map((row) => [row.name, row.definer ? row.body : null]));
  return functions.filter((fn) => bodies.get(fn.name) !== fn.body);
}
