import { createHash } from 'node:crypto';
import { sqlState } from './errors.ts';
import type { Pool } from './pool.ts';
import type { Queryable } from './queryable.ts';

/**
 * A statement with a name is planned once a connection, which takes as long as running one of ours. Behind a pooler that
 * gives each transaction another server connection the name is unknown there, or another client's: then a pool goes without.
 */
const without = new WeakSet<Pool>();

/** `invalid_sql_statement_name`, `duplicate_prepared_statement`, and a plan that a change of the table has made useless. */
const LOST_PLAN = ['26000', '42P05', '0A000'];

export const isPreparing = (pool: Pool): boolean => !without.has(pool);

/** The same connection, its statements with names; as it is where it is none of pg's. */
export const preparing = (tx: Queryable): Queryable =>
  isOfPg(tx) ? { query: (text, values) => tx.query(named(text, values)) } : tx;

/** Was it the name? Then nothing was written, and the pool goes without from now on: begin again. */
export function lostPlan(pool: Pool, error: unknown): boolean {
  if (!LOST_PLAN.includes(sqlState(error) ?? '')) return false;
  without.add(pool);
  return true;
}

interface PgClient {
  query<R extends object>(query: {
    readonly text: string;
    readonly values?: unknown[];
    readonly name?: string;
  }): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** Other clients need not know of names: only pg's keeps account of those it has given. */
function isOfPg(tx: object): tx is PgClient {
  const { connection } = tx as { readonly connection?: { readonly parsedStatements?: unknown } };
  return typeof connection?.parsedStatements === 'object';
}

function named(text: string, values: readonly unknown[] | undefined) {
  return values === undefined ? { text } : { text, values: [...values], name: nameOf(text) };
}

const names = new Map<string, string>();

/** Texts are few: they are made of the config, never of values. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `dualpath_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  names.set(text, name);
  return name;
}
