import { UsageError } from '../errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Stores } from './stores.ts';

/**
 * A table as it was set up, with the keys of the config that say what its content means. A renamed table keeps its oid; a
 * restored database keeps its names.
 */
interface RecordedTable {
  readonly oid: string | null;
  readonly table: string;
  readonly keys: Readonly<Record<string, string | null>>;
}

interface Installation {
  readonly legacy: RecordedTable;
  readonly users: RecordedTable;
  readonly local_first: RecordedTable;
}

function installationOf({ config, legacy, users, localFirst }: Stores): Installation {
  const { documents } = config;
  return {
    legacy: {
      oid: legacy.facts.oid,
      table: legacy.quoted,
      keys: {
        ...prefixed('documents.columns', documents.columns),
        'documents.format': documents.format,
        'documents.where': documents.where,
      },
    },
    users: {
      oid: users.facts.oid,
      table: users.quoted,
      keys: {
        ...prefixed('users.columns', config.users.columns),
        ...prefixed('users.attributes', config.users.attributes),
      },
    },
    local_first: {
      oid: localFirst.oid,
      table: localFirst.quoted,
      keys: {
        ...prefixed('local_first.columns', config.localFirst.columns),
        'local_first.fragment': config.localFirst.fragment,
        ...(config.writePath === 'own' ? { write_path: config.writePath } : {}),
      },
    },
  };
}

const prefixed = (
  section: string,
  keys: Readonly<Record<string, string | null>>,
): Record<string, string | null> =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${section}.${key}`, value]));

/** A key of the config that says otherwise than when the database was set up; `recorded` undefined: it is new. */
export interface MappingDifference {
  readonly key: string;
  readonly recorded: string | null | undefined;
  readonly wanted: string | null;
}

/** @throws UsageError `other-table` when this database was set up for tables that the config does not name any more. */
export async function refuseOtherTables(db: Queryable, stores: Stores): Promise<void> {
  const recorded = await readInstallation(db);
  if (!recorded) return;
  const wanted = installationOf(stores);
  refuseOther('documents.table', recorded.legacy, wanted.legacy);
  refuseOther('users.table', recorded.users, wanted.users);
  refuseOther('local_first.table', recorded.local_first, wanted.local_first);
}

/** How the config maps the tables otherwise than when they were set up. Nothing was set up: nothing differs. */
export async function mappingDifferences(
  db: Queryable,
  stores: Stores,
): Promise<readonly MappingDifference[]> {
  const recorded = await readInstallation(db);
  if (!recorded) return [];
  const before = keysOf(recorded);
  const now = keysOf(installationOf(stores));
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => before[key] !== now[key])
    .map((key) => ({ key, recorded: before[key], wanted: now[key] ?? null }));
}

/**
 * Once a cohort was started, its states hold what these keys meant then: read otherwise, every document would seem to have
 * changed, and be overwritten. A key that is new, such as an attribute for a later cohort, takes nothing away.
 * @throws UsageError `other-mapping` (exit 2)
 */
export async function refuseOtherMapping(db: Queryable, stores: Stores): Promise<void> {
  const changed = (await mappingDifferences(db, stores)).find(({ recorded }) => recorded !== undefined);
  if (!changed || !(await anyStarted(db))) return;
  const said = (value: string | null | undefined): string => (value == null ? 'nothing' : `"${value}"`);
  throw new UsageError(
    'other-mapping',
    `${changed.key} is ${said(changed.wanted)} in the config, and cohorts were started with ${said(changed.recorded)}.`,
    'Put it back: the documents that were moved hold what it meant then.',
    { ...changed },
  );
}

/**
 * Refuses to work on tables whose changes are not captured as the config means them.
 * @throws UsageError `not-installed` or `other-mapping` (exit 2)
 */
export async function requireInstallation(db: Queryable, stores: Stores): Promise<void> {
  if (!(await readInstallation(db)))
    throw new UsageError(
      'not-installed',
      `No changes of ${stores.legacy.quoted} are captured in this database.`,
      'Run `dualpath init` first.',
    );
  await refuseOtherMapping(db, stores);
  const [difference] = await mappingDifferences(db, stores);
  if (!difference) return;
  throw new UsageError(
    'other-mapping',
    `${difference.key} was changed in the config since change capture was installed.`,
    'Run `dualpath init`: it installs capture for what the config says now.',
    { ...difference },
  );
}

const keysOf = ({ legacy, users, local_first }: Installation): Readonly<Record<string, string | null>> => ({
  ...legacy.keys,
  ...users.keys,
  ...local_first.keys,
});

async function readInstallation(db: Queryable): Promise<Installation | null> {
  const { rows } = await db.query<Installation>(
    `select legacy, users, local_first from dualpath.installation`,
  );
  return rows[0] ?? null;
}

async function anyStarted(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ started: boolean }>(
    `select exists (select from dualpath.cohorts where started_at is not null) as started`,
  );
  return rows[0]?.started ?? false;
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
