import type { Config } from '../config/config.ts';
import type { StateShape } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Column, TableFacts } from './inspect-table.ts';
import { openCollaborators, openLegacy, openLocalFirst, openUsers } from './open-tables.ts';

/** The application's table that the legacy path writes. `quoted` names are ready for SQL. */
export interface LegacyTable {
  readonly facts: TableFacts;
  readonly quoted: string;
  readonly id: Column;
  readonly owner: Column;
  readonly content: Column;
  readonly revision: Column | null;
  readonly updatedAt: Column | null;
  /** The condition of the config, as written; null: every row is a document. */
  readonly where: string | null;
  readonly isPartitioned: boolean;
}

/** The table of Yjs states: ours, or the application's own. Where it does not exist yet, `install` creates it. */
export interface LocalFirstTable {
  readonly oid: string | null;
  readonly schema: string;
  readonly name: string;
  readonly quoted: string;
  readonly exists: boolean;
  readonly id: Column;
  readonly state: Column;
  /** Null: the application's own table keeps no such time. */
  readonly updatedAt: Column | null;
  /** A column that only the application can give a value: then no state can be inserted. */
  readonly unfillable: Column | null;
}

/** Who owns documents. A view has no triggers: its changes are found by comparing, not by capture. */
export interface UsersTable {
  readonly facts: TableFacts;
  readonly quoted: string;
  readonly isTable: boolean;
  readonly id: Column;
  /** In the order of the config. */
  readonly attributes: readonly { readonly name: string; readonly column: Column }[];
}

/** Which users share a document with its owner. */
export interface CollaboratorsTable {
  readonly facts: TableFacts;
  readonly quoted: string;
  readonly document: Column;
  readonly user: Column;
}

/** The application's tables as they were found once, and the config that names them. */
export interface Stores {
  readonly config: Config;
  readonly shape: StateShape;
  /** As `server_version_num`: 180004 is 18.4. */
  readonly serverVersion: number;
  readonly legacy: LegacyTable;
  readonly localFirst: LocalFirstTable;
  readonly users: UsersTable;
  readonly collaborators: CollaboratorsTable | null;
}

/**
 * Looks at the application's tables once, and refuses what could not work before anything is touched.
 * @throws UsageError for a missing table or column, an unsupported type, an id without a unique not-null key, row-level
 *   security that would hide rows from us.
 */
export async function openStores(db: Queryable, config: Config): Promise<Stores> {
  const legacy = await openLegacy(db, config);
  const { rows } = await db.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  return {
    config,
    shape: { format: config.documents.format, fragment: config.localFirst.fragment },
    serverVersion: rows[0]?.version ?? 0,
    legacy,
    localFirst: await openLocalFirst(db, config, legacy),
    users: await openUsers(db, config),
    collaborators: await openCollaborators(db, config),
  };
}
