import { UsageError } from '../errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Stores } from './stores.ts';

/** A table that capture was installed for. A renamed table keeps its oid; a restored database keeps its names. */
interface RecordedTable {
  readonly oid: string | null;
  readonly table: string;
  readonly columns: Readonly<Record<string, string | null>>;
}

interface Installation {
  readonly legacy: RecordedTable;
  readonly users: RecordedTable;
  readonly local_first: RecordedTable;
}

function installationOf({ config, legacy, users, localFirst }: Stores): Installation {
  return {
    legacy: { oid: legacy.facts.oid, table: legacy.quoted, columns: config.documents.columns },
    users: {
      oid: users.facts.oid,
      table: users.quoted,
      columns: { ...config.users.columns, ...config.users.attributes },
    },
    local_first: { oid: localFirst.oid, table: localFirst.quoted, columns: config.localFirst.columns },
  };
}

/** @throws UsageError when this database was installed for tables that the config does not name any more. */
export async function refuseOtherTables(db: Queryable, stores: Stores): Promise<void> {
  const { rows } = await db.query<Installation>(
    `select legacy, users, local_first from dualpath.installation`,
  );
  const [recorded] = rows;
  if (!recorded) return;
  const wanted = installationOf(stores);
  refuseOther('documents.table', recorded.legacy, wanted.legacy);
  refuseOther('users.table', recorded.users, wanted.users);
  refuseOther('local_first.table', recorded.local_first, wanted.local_first);
}

function refuseOther(key: string, recorded: RecordedTable, wanted: RecordedTable): void {
  if (recorded.table === wanted.table || (recorded.oid !== null && recorded.oid === wanted.oid)) return;
  throw new UsageError(
    'other-table',
    `${key} names ${wanted.table}, but this database was set up for ${recorded.table}.`,
    `Name ${recorded.table} again, or run \`dualpath uninstall\` first.`,
    { key, recorded: recorded.table, wanted: wanted.table },
  );
}

export async function recordInstallation(tx: Queryable, stores: Stores): Promise<void> {
  await tx.query(recordSql(stores));
}

/** The record as one statement with its values in it, so that it can also be printed. */
export function recordSql(stores: Stores): string {
  const { legacy, users, local_first: localFirst } = installationOf(stores);
  return `insert into dualpath.installation (legacy, users, local_first)
values (${[legacy, users, localFirst].map(jsonLiteral).join(', ')})
on conflict (singleton) do update
  set legacy = excluded.legacy, users = excluded.users, local_first = excluded.local_first`;
}

/** An escape string means the same whatever standard_conforming_strings says. */
const jsonLiteral = (value: RecordedTable): string =>
  `E'${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'::jsonb`;
