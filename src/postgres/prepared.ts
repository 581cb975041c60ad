import { createHash } from 'node:crypto';
import { sqlState } from './errors.ts';
import type { Statement } from './one-trip.ts';
import type { Pool } from './pool.ts';

/**
 * A statement with a name is planned once a connection, which takes as long as running one of ours. Behind a pooler that
 * gives each transaction another server connection the name is unknown there, or another client's: then a pool goes without.
 */
const without = new WeakSet<Pool>();

/** `invalid_sql_statement_name`, `duplicate_prepared_statement`, and a plan that a change of the table has made useless. */
const LOST_PLAN = ['26000', '42P05', '0A000'];

export const isPreparing = (pool: Pool): boolean => !without.has(pool);

/** Was it the name? Then nothing was written, and the pool goes without from now on: begin again. */
export function lostPlan(pool: Pool, error: unknown): boolean {
  if (!LOST_PLAN.includes(sqlState(error) ?? '')) return false;
  without.add(pool);
  return true;
}

/** A statement under the name that its text has. */
export const named = (text: string, values: readonly unknown[]): Statement => ({
  text,
  values: [...values],
  name: nameOf(text),
});

const names = new Map<string, string>();

/** Texts are few: they are made of the config, never of values. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `dualpath_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  names.set(text, name);
  return name;
}
