import type { LoadedConfig } from '../config/load.ts';
import { createExampleTables } from '../documents/example-tables.ts';
import { install } from '../documents/install.ts';
import { installSql } from '../documents/install-sql.ts';
import { openStores } from '../documents/stores.ts';
import { uninstall } from '../documents/uninstall.ts';
import { appendJournal } from '../evidence/journal.ts';
import { isInstalled, migrate, schemaVersion } from '../postgres/migrate.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Opener } from './open-session.ts';

interface Opened {
  readonly loaded: LoadedConfig;
  readonly opener: Opener;
}

export interface InitReport {
  /** Version of the control schema before and after; 0: there was none. */
  readonly from: number;
  readonly to: number;
  /** Tables made because the embedded database was empty. */
  readonly created: readonly string[];
  /** Tables whose changes are captured now. */
  readonly captured: readonly string[];
}

export interface UninstallReport {
  readonly removed: readonly string[];
}

/** Creates or upgrades the control schema, the local-first table, the roles and change capture; safe to repeat. */
export async function init({ loaded, opener }: Opened): Promise<InitReport> {
  const pool = await opener.pool();
  const created = loaded.config.database === 'embedded' ? await createExampleTables(pool, loaded.config) : [];
  // What is wrong with the application's tables is said before anything is touched.
  const stores = await openStores(pool, loaded.config);
  const { from, to } = await migrate(pool);
  await install(pool, stores);
  await opener.moving();
  const captured = [
    stores.legacy.quoted,
    ...(stores.config.writePath === 'own' ? [stores.localFirst.quoted] : []),
    ...(stores.users.isTable ? [stores.users.quoted] : []),
  ];
  return { from, to, created, captured };
}

export async function initSql({ loaded, opener }: Opened): Promise<string> {
  const pool = await opener.pool();
  const stores = await openStores(pool, loaded.config);
  return installSql(pool, stores, await schemaVersion(pool));
}

/**
 * Removes change capture and, with `all`, the control schema; the application's tables and the local-first table stay. Where
 * dualpath is not installed there is nothing to remove.
 */
export async function removeInstallation(
  { opener }: Opened,
  options: { readonly all: boolean; readonly dryRun: boolean },
): Promise<UninstallReport> {
  const { all, dryRun } = options;
  if (!(await isInstalled(await opener.pool()))) return { removed: [] };
  const { pool, operator } = await opener.reading();
  const { tables } = await uninstall(pool, { all, dryRun });
  const removed = [
    ...tables.map((table) => `change capture on ${table}`),
    ...(all ? ['the control schema dualpath'] : []),
  ];
  if (!all && !dryRun && tables.length > 0)
    await inTransaction(pool, (tx) => appendJournal(tx, operator, 'uninstalled', null));
  return { removed };
}
