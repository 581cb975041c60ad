import { setTimeout as sleep } from 'node:timers/promises';
import { DualpathError, UsageError } from '../errors.ts';
import { inBriefTransaction } from '../postgres/brief-transaction.ts';
import { asDualpathError, sqlState } from '../postgres/errors.ts';
import { isPreparing, lostPlan } from '../postgres/prepared.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Attempt } from './attempt.ts';
import type { CallOptions, StoreContext } from './context.ts';
import { isRefusedData, Refused } from './second-store.ts';

/**
 * A save waits for so long for somebody who holds the same document: twenty savers of a large one take turns in less, and
 * a person does not wait longer for a request.
 */
const LOCK_TIMEOUT_MS = 5_000;

/** A lost connection or a deadlock is tried again so often, where that is safe. */
const TRIES = 3;
const PAUSE_MS = 50;

/**
 * Runs one call in the caller's transaction or in one of our own.
 * In the caller's nothing is tried again, and its `lock_timeout` is what it was when the call ends. In our own a deadlock
 * is tried again; a lost connection only if the call is `repeatable`: done twice, it would change nothing. A hopeful attempt
 * that a store refused is begun again without hope.
 * @throws DualpathError `locked` when somebody keeps the document locked, `unavailable` when the database cannot be reached
 */
export async function transact<T>(
  { pool }: Pick<StoreContext, 'pool'>,
  { tx }: CallOptions,
  repeatable: boolean,
  work: (tx: Queryable) => Promise<T>,
  attempt?: Attempt,
): Promise<T> {
  if (tx) return inCallers(tx, work);
  for (let tries = 1; ; tries += 1) {
    const prepares = isPreparing(pool);
    try {
      return await inBriefTransaction(pool, work, { lockTimeoutMs: LOCK_TIMEOUT_MS, prepares });
    } catch (error) {
      if (prepares && lostPlan(pool, error)) continue;
      if (error instanceof Refused && attempt?.hopeful) {
        attempt.hopeful = false;
        continue;
      }
      if (tries === TRIES || !isWorthAnother(error, repeatable)) throw asStoreError(error);
      await sleep(PAUSE_MS * tries);
    }
  }
}

/** One statement that needs no transaction around it. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error);
  }
}

async function inCallers<T>(tx: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T> {
  try {
    await requireTransaction(tx);
  } catch (error) {
    throw asStoreError(error);
  }
  const { rows } = await tx.query<{ before: string }>(
    `select before, set_config('lock_timeout', $1::text, true)
       from (select current_setting('lock_timeout') as before offset 0) now`,
    [`${LOCK_TIMEOUT_MS}ms`],
  );
  const restore = () =>
    tx.query(`select set_config('lock_timeout', $1::text, true)`, [rows[0]?.before ?? '0']);
  try {
    const result = await work(tx);
    await restore();
    return result;
  } catch (error) {
    // A statement that failed has ended the caller's transaction, and its settings with it.
    if (sqlState(error) === undefined) await restore();
    throw asStoreError(error);
  }
}

/** Only inside a transaction there are savepoints: outside, each statement would be written by itself. */
async function requireTransaction(tx: Queryable): Promise<void> {
  try {
    await tx.query('savepoint dualpath_call');
    await tx.query('release savepoint dualpath_call');
  } catch (error) {
    throw sqlState(error) === NO_TRANSACTION ? notInTransaction() : error;
  }
}

const NO_TRANSACTION = '25P01';
const FAILED_TRANSACTION = '25P02';
const READ_ONLY = '25006';

const notInTransaction = (): UsageError =>
  new UsageError(
    'bad-argument',
    'The connection given as `tx` is in no transaction; nothing was written.',
    'Begin one first, or leave `tx` out.',
  );

const transactionFailed = (): UsageError =>
  new UsageError(
    'bad-argument',
    'An earlier statement in the transaction given as `tx` failed; nothing was written.',
    'Roll it back, and call again in a new one.',
  );

const readOnly = (cause: unknown): UsageError =>
  new UsageError(
    'database-read-only',
    'The transaction or the server is read-only; nothing was written, and a load notes what it served.',
    'Begin `tx` read-write, or leave it out; the server must be the primary one, and the user one who may write.',
    { sqlState: sqlState(cause) },
  );

/** In the words of pg-pool. */
const POOL_ENDED = 'Cannot use a pool after calling end on the pool';

/** Who asks a server that is going down does well to ask again: there may be another one. */
export const storeClosed = (): DualpathError =>
  new DualpathError(
    'unavailable',
    'The document store was closed, or its pool was ended; nothing was written.',
    'Close it after the last call, or open another one.',
    { retryable: true, exitCode: 6 },
  );

const DEADLOCK = ['40P01', '40001'];
const LOCKED = ['55P03', ...DEADLOCK];

function isWorthAnother(error: unknown, repeatable: boolean): boolean {
  if (DEADLOCK.includes(sqlState(error) ?? '')) return true;
  if (!repeatable) return false;
  const said = asDualpathError(error);
  return said instanceof DualpathError && (said.code === 'database-lost' || said.code === 'commit-unknown');
}

/** What may help, should it go on. */
const REMEDIES: Readonly<Record<string, string>> = {
  'database-unreachable':
    'Check that the database runs, and that `database` or the pool names its host and port.',
};

/** What the database threw, as an error of the document store. */
function asStoreError(error: unknown): unknown {
  if (LOCKED.includes(sqlState(error) ?? ''))
    return new DualpathError(
      'locked',
      'Another transaction keeps the document locked.',
      'Try the same call again when that transaction has ended.',
      { retryable: true, exitCode: 5, details: { sqlState: sqlState(error) }, cause: error },
    );
  if (sqlState(error) === FAILED_TRANSACTION) return transactionFailed();
  if (sqlState(error) === READ_ONLY) return readOnly(error);
  if (isRefusedData(error)) return notStored(error);
  if (error instanceof Error && error.message === POOL_ENDED) return storeClosed();
  const said = asDualpathError(error);
  if (!(said instanceof DualpathError) || said.exitCode !== 6 || said.code === 'commit-unknown') return said;
  return new DualpathError(
    'unavailable',
    said.message,
    `Try the same call again. ${REMEDIES[said.code] ?? ''}`.trim(),
    {
      retryable: true,
      exitCode: 6,
      details: { ...said.details, reason: said.code },
      cause: said,
    },
  );
}

/** What the server says of it may quote the row, so that nothing goes on but names: of the constraint, the table, the column. */
function notStored(error: unknown): DualpathError {
  const { constraint, table, column } = error as Readonly<Record<string, unknown>>;
  const state = sqlState(error);
  const by = typeof constraint === 'string' ? `constraint \`${constraint}\`` : `SQLSTATE ${state}`;
  return new DualpathError(
    'not-stored',
    `A constraint, a trigger or a type of the application's table refuses the write (${by}); nothing was written.`,
    'Send what the table accepts, or let it accept what the editor makes.',
    { details: { sqlState: state, constraint, table, column }, exitCode: 2 },
  );
}
