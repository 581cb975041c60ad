import { setTimeout as sleep } from 'node:timers/promises';
import { DualpathError, HeldError } from '../errors.ts';
import { endSessions } from './end-sessions.ts';
import { sqlState } from './errors.ts';
import type { Pool } from './pool.ts';
import type { Queryable } from './queryable.ts';

export type Isolation = 'read committed' | 'repeatable read';

export interface TransactionOptions {
  /** How long one statement may wait for a lock; without it, as long as the server allows. */
  readonly lockTimeoutMs?: number;
  /** How long one statement may take, waiting included. */
  readonly statementTimeoutMs?: number;
  readonly isolation?: Isolation;
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. Settings are local to the
 * transaction, so that it works through a pooler that gives each transaction another connection.
 *
 * @throws what `work` throws; DualpathError 'commit-unknown' when the connection was lost while committing
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: Queryable) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(beginning(options).join('; '));
    const result = await work(client);
    await committing(async () => [await client.query('commit')]);
    return result;
  } catch (error) {
    // When even that fails the connection is of no use: the pool shall drop it, and the server rolls back by itself.
    await client.query('rollback').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * For DDL on the application's tables: a statement that waits for a lock makes every later writer wait behind it, so it
 * waits 0.3 s and takes 0.8 s at most, and between two tries the writers have the table to themselves. `work` is one
 * quick change, and may run many times; each time in a transaction of its own.
 *
 * @throws HeldError naming the processes in the way, when it has not succeeded within `deadlineMs` (one minute)
 */
export async function withLockRetries<T>(
  pool: Pool,
  work: (tx: Queryable) => Promise<T>,
  options: { readonly deadlineMs?: number; readonly onWait?: (holders: readonly Holder[]) => void } = {},
): Promise<T> {
  const deadlineMs = options.deadlineMs ?? 60_000;
  const startedAt = Date.now();
  for (let attempt = 0; ; attempt += 1) {
    const watch = watchHolders(pool);
    try {
      return await inTransaction(pool, (tx) => watch.during(tx, work), {
        lockTimeoutMs: LOCK_TIMEOUT_MS,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      });
    } catch (error) {
      if (!isLockTrouble(error)) throw error;
      const holders = await watch.holders();
      if (Date.now() - startedAt > deadlineMs) throw heldTooLong(holders, deadlineMs, error);
      options.onWait?.(holders);
    }
    // Grows to two seconds; the random part keeps two such commands from meeting again and again.
    await sleep(Math.min(2_000, 200 * 2 ** attempt) * (0.5 + Math.random() / 2));
  }
}

/** A session that holds, or waits for, what a statement wants. */
export interface Holder {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  /** Seconds since its transaction began. */
  readonly seconds: number;
}

const LOCK_TIMEOUT_MS = 300;
const STATEMENT_TIMEOUT_MS = 800;

/** The statements that begin one. */
export function beginning(options: TransactionOptions): readonly string[] {
  return [
    `begin isolation level ${options.isolation ?? 'read committed'}`,
    ...setLocal('lock_timeout', options.lockTimeoutMs),
    ...setLocal('statement_timeout', options.statementTimeoutMs),
  ];
}

function setLocal(name: string, milliseconds: number | undefined): string[] {
  return milliseconds === undefined ? [] : [`set local ${name} = ${Math.max(1, Math.trunc(milliseconds))}`];
}

/** Sends what has a commit for its end, and gives the answers. */
export async function committing<T extends { readonly command: string }>(
  send: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const answers = await send().catch((error: unknown) => {
    // A server that ends the session may say so when it has committed.
    if (sqlState(error)?.startsWith('57P0') === false) throw error;
    throw new DualpathError(
      'commit-unknown',
      'The connection to the database was lost while a change was being saved, so it is not known whether it was.',
      'Run the same command again: it looks at what is saved before it goes on.',
      { exitCode: 6, cause: error },
    );
  });
  // A failed statement whose error was swallowed: the server answers the commit with a rollback, and calls it success.
  if (answers.at(-1)?.command !== 'COMMIT')
    throw new Error('the transaction had failed before it was committed');
  return answers;
}

/** Finds out who is in the way while the transaction waits; afterwards nobody knows any more. */
function watchHolders(pool: Pool): {
  during<T>(tx: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T>;
  holders(): Promise<readonly Holder[]>;
} {
  let seen: Promise<readonly Holder[]> = Promise.resolve([]);
  return {
    during: async (tx, work) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      const pid = rows[0]?.pid;
      // On another connection; a pool of one answers too late and with nothing, and nothing waits for it.
      const timer = setInterval(() => {
        const before = seen;
        seen = blockersOf(pool, pid).then(
          (found) => (found.length > 0 ? found : before),
          () => before,
        );
      }, LOCK_TIMEOUT_MS / 3);
      try {
        return await work(tx);
      } finally {
        clearInterval(timer);
      }
    },
    holders: () => seen,
  };
}

async function blockersOf(db: Queryable, pid: number | undefined): Promise<readonly Holder[]> {
  const { rows } = await db.query<Holder>(
    `select pid, coalesce(application_name, '') as application, coalesce(state, '') as state,
            coalesce(extract(epoch from clock_timestamp() - xact_start), 0)::float8 as seconds
       from pg_stat_activity where pid = any(pg_blocking_pids($1::int))
      order by pid`,
    [pid],
  );
  return rows;
}

function heldTooLong(holders: readonly Holder[], deadlineMs: number, cause: unknown): HeldError {
  const who = holders.map((each) => `${each.pid}${each.application === '' ? '' : ` (${each.application})`}`);
  const error = new HeldError(
    'table-locked',
    `A table of the application was locked by others for ${Math.round(deadlineMs / 1000)} s${
      who.length === 0 ? '' : `, last by process ${who.join(', ')}`
    }.`,
    `${endSessions(holders.map(({ pid }) => pid))}, and run the same command again.`,
    { holders },
  );
  error.cause = cause;
  return error;
}

/** Lock timeout, statement timeout, deadlock: the same work can succeed a little later. */
function isLockTrouble(error: unknown): boolean {
  return ['55P03', '57014', '40P01'].includes(sqlState(error) ?? '');
}
