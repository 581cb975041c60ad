import { DualpathError } from '../errors.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Refusal, refusalOf } from './seed.ts';

/** Data exceptions, constraints and limits of the application's table, and what its triggers raise. */
const REFUSED = /^(22|23|54|P0)/;

/** Thrown to undo a transaction in which the data itself prevented something; the same call is then done behind savepoints. */
export class Refused extends Error {}

/**
 * Does the work behind a savepoint: what the data itself prevents leaves the transaction as it was before, and is
 * answered as a refusal; anything else is thrown.
 */
export async function behindSavepoint<T>(
  tx: Queryable,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | { readonly refused: Refusal }> {
  await tx.query('savepoint dualpath');
  try {
    const done = await work();
    await tx.query('release savepoint dualpath');
    return { done };
  } catch (error) {
    const refused = refusalIn(error);
    if (refused === null) throw error;
    await tx.query('rollback to savepoint dualpath');
    return { refused };
  }
}

/**
 * Does the work as though nothing were ever refused, which spares two round trips.
 * @throws Refused where something is: begin again, behind savepoints
 */
export async function hopefully<T>(
  work: () => Promise<T>,
): Promise<{ readonly done: T } | { readonly refused: Refusal }> {
  try {
    return { done: await work() };
  } catch (error) {
    if (refusalIn(error) === null) throw error;
    throw new Refused();
  }
}

/** The server's message may quote content; its SQLSTATE never does. */
function refusalIn(error: unknown): Refusal | null {
  if (error instanceof DualpathError) return refusalOf(error);
  return isRefusedData(error)
    ? { code: 'not-stored', reason: `The database refuses to store it (SQLSTATE ${sqlState(error)}).` }
    : null;
}

/** The data itself prevents it: the same again fares no better. */
export const isRefusedData = (error: unknown): boolean => REFUSED.test(sqlState(error) ?? '');
