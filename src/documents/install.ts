import { UsageError } from '../errors.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction, withLockRetries } from '../postgres/transaction.ts';
import { allFunctions, triggerName } from './capture.ts';
import { installedTriggers, outdatedFunctions, type WatchedTable, watchedTables } from './capture-health.ts';
import { functionSql, localFirstSql, serverHasLz4, triggerSql } from './install-plan.ts';
import { recordInstallation, refuseOtherMapping, refuseOtherTables } from './installation.ts';
import { createRoles, grantAll, type Role } from './roles.ts';
import type { Stores } from './stores.ts';
import { dropStateTriggers } from './uninstall.ts';

/** What `install` had to do; nothing when it was done before. */
export interface Installed {
  readonly localFirstCreated: boolean;
  readonly rolesCreated: readonly Role[];
  readonly functionsReplaced: number;
  /** Tables and partitions that got triggers. */
  readonly tablesWatched: readonly string[];
}

/**
 * Creates the local-first table, the roles and their grants, and change capture, as far as they are missing or older.
 * Safe to repeat, to interrupt and to run twice at once. The control schema must be there.
 * @throws UsageError when capture was installed for another table, or a right is missing; HeldError when a table of the
 *   application stays locked.
 */
export async function install(pool: Pool, stores: Stores): Promise<Installed> {
  refuseOldServer(stores.serverVersion);
  const prepared = await inTransaction(pool, (tx) => explainRefusal(() => prepare(tx, stores)));
  if (stores.config.writePath === 'library') await dropStateTriggers(pool);
  const tablesWatched: string[] = [];
  for (const table of await watchedTables(pool, stores)) {
    if (await watch(pool, table)) tablesWatched.push(table.quoted);
  }
  return { ...prepared, tablesWatched };
}

/** `create or replace trigger` and compression by column came with Postgres 14. */
const OLDEST_SERVER = 140_000;

function refuseOldServer(version: number): void {
  if (version >= OLDEST_SERVER) return;
  throw new UsageError(
    'server-too-old',
    `The database runs Postgres ${Math.floor(version / 10_000)}, and change capture needs 14 or newer.`,
    'Upgrade the server.',
    { version },
  );
}

/** Everything that takes no lock a writer of the application could wait for. */
async function prepare(tx: Queryable, stores: Stores): Promise<Omit<Installed, 'tablesWatched'>> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('dualpath.install', 0))`);
  await refuseOtherTables(tx, stores);
  await refuseOtherMapping(tx, stores);
  const rolesCreated = await createRoles(tx);
  const created = localFirstSql(stores, await serverHasLz4(tx));
  await runAll(tx, created);
  const outdated = await outdatedFunctions(tx, allFunctions(stores));
  if (outdated.length > 0) await runAll(tx, functionSql(stores));
  await grantAll(tx, stores);
  await recordInstallation(tx, stores);
  return { localFirstCreated: created.length > 0, rolesCreated, functionsReplaced: outdated.length };
}

/** Gives a table its triggers; false when it has them all, and then its lock is not even asked for. */
async function watch(pool: Pool, table: WatchedTable): Promise<boolean> {
  if (table.foreign || (await isWatched(pool, table))) return false;
  return withLockRetries(pool, (tx) =>
    explainRefusal(async () => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('dualpath.install', 0))`);
      if (await isWatched(tx, table)) return false;
      await runAll(tx, triggerSql(table));
      return true;
    }),
  );
}

async function isWatched(db: Queryable, table: WatchedTable): Promise<boolean> {
  const installed = await installedTriggers(db, [table.oid]);
  return table.functions.every((fn) =>
    ['O', 'A'].includes(installed.get(`${table.oid} ${triggerName(fn.event)}`) ?? ''),
  );
}

async function runAll(tx: Queryable, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await tx.query(statement);
}

async function explainRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new UsageError(
      'insufficient-privilege',
      `This user lacks a right that the installation needs: ${(error as Error).message}.`,
      'Let a database administrator run what `dualpath init --sql` prints, then run `dualpath init` again.',
    );
  }
}
