import type { Config } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { parseTableName, quoteIdent, quoteTable } from '../postgres/identifiers.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Column, inspectTable, type TableFacts } from './inspect-table.ts';
import type { CollaboratorsTable, LegacyTable, LocalFirstTable, UsersTable } from './stores.ts';
import { requireContent, requireId, requireRevision, requireText } from './supported-types.ts';

export async function openLegacy(db: Queryable, config: Config): Promise<LegacyTable> {
  const { table, columns, where } = config.documents;
  const facts = await existing(db, table, 'documents.table');
  if (facts.kind !== 'table' && facts.kind !== 'partitioned') {
    throw new UsageError(
      'not-a-table',
      `documents.table ${table} is a ${facts.kind}; changes can only be captured on a table.`,
      'Name the table itself that the application writes.',
      { table },
    );
  }
  refuseHiddenRows(facts);
  const id = columnOf(facts, columns.id, 'documents.columns.id');
  requireId(facts, id, 'documents.columns.id');
  const owner = columnOf(facts, columns.owner, 'documents.columns.owner');
  requireText(facts, owner, 'documents.columns.owner');
  const content = columnOf(facts, columns.content, 'documents.columns.content');
  requireContent(facts, content);
  const revision = optional(facts, columns.revision, 'documents.columns.revision');
  if (revision) requireRevision(facts, revision);
  const updatedAt = optional(facts, columns.updatedAt, 'documents.columns.updated_at');
  return {
    facts,
    quoted: facts.quoted,
    id,
    owner,
    content,
    revision,
    updatedAt,
    where,
    isPartitioned: facts.kind === 'partitioned',
  };
}

export async function openUsers(db: Queryable, config: Config): Promise<UsersTable> {
  const { table, columns, attributes } = config.users;
  const facts = await existing(db, table, 'users.table');
  refuseHiddenRows(facts);
  const id = columnOf(facts, columns.id, 'users.columns.id');
  requireText(facts, id, 'users.columns.id');
  return {
    facts,
    quoted: facts.quoted,
    isTable: facts.kind === 'table' || facts.kind === 'partitioned',
    id,
    attributes: Object.entries(attributes).map(([name, column]) => ({
      name,
      column: columnOf(facts, column, `users.attributes.${name}`),
    })),
  };
}

export async function openLocalFirst(
  db: Queryable,
  config: Config,
  legacy: LegacyTable,
): Promise<LocalFirstTable> {
  const { table, columns } = config.localFirst;
  const facts = await inspectTable(db, table);
  if (!facts) return toBeCreated(config, legacy);
  refuseHiddenRows(facts);
  const id = columnOf(facts, columns.id, 'local_first.columns.id');
  requireId(facts, id, 'local_first.columns.id');
  const state = columnOf(facts, columns.state, 'local_first.columns.state');
  if (state.type !== 'bytea') {
    throw new UsageError(
      'unsupported-type',
      `Column ${state.name} of ${table} is ${state.type}, but Yjs states are bytes.`,
      'Map local_first.columns.state to a bytea column.',
      { table, column: state.name },
    );
  }
  const own = config.writePath === 'own';
  const updatedAt = own
    ? (facts.columns.find(({ name }) => name === columns.updatedAt) ?? null)
    : columnOf(facts, columns.updatedAt, 'local_first.columns.updated_at');
  const unfillable = unfillableColumn(facts, [id, state, updatedAt]);
  if (unfillable && !own) throw otherRequiredColumn(facts, unfillable);
  return {
    oid: facts.oid,
    schema: facts.schema,
    name: facts.name,
    quoted: facts.quoted,
    exists: true,
    id,
    state,
    updatedAt,
    unfillable,
  };
}

function toBeCreated(config: Config, legacy: LegacyTable): LocalFirstTable {
  const { schema, table } = parseTableName(config.localFirst.table);
  const { columns } = config.localFirst;
  return {
    oid: null,
    schema,
    name: table,
    quoted: quoteTable({ schema, table }),
    exists: false,
    id: { ...newColumn(columns.id, legacy.id.type), declared: legacy.id.declared },
    state: newColumn(columns.state, 'bytea'),
    updatedAt: newColumn(columns.updatedAt, 'timestamptz'),
    unfillable: null,
  };
}

export async function openCollaborators(db: Queryable, config: Config): Promise<CollaboratorsTable | null> {
  const { collaborators } = config.documents;
  if (!collaborators) return null;
  const facts = await existing(db, collaborators.table, 'documents.collaborators.table');
  refuseHiddenRows(facts);
  return {
    facts,
    quoted: facts.quoted,
    document: columnOf(facts, collaborators.document, 'documents.collaborators.document'),
    user: columnOf(facts, collaborators.user, 'documents.collaborators.user'),
  };
}

/** A column of a table that is not there yet. */
function newColumn(name: string, type: string): Column {
  return {
    name,
    quoted: quoteIdent(name),
    type,
    declared: type,
    notNull: true,
    hasDefault: false,
    unique: false,
  };
}

async function existing(db: Queryable, table: string, key: string): Promise<TableFacts> {
  const facts = await inspectTable(db, table);
  if (facts) return facts;
  throw new UsageError(
    'missing-table',
    `There is no table ${table} in this database, or this user may not see its schema.`,
    `Correct ${key}, or connect to the database that holds it.`,
    { table },
  );
}

function columnOf(facts: TableFacts, name: string, key: string): Column {
  const column = facts.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw new UsageError(
    'missing-column',
    `Table ${facts.schema}.${facts.name} has no column ${name}.`,
    `Correct ${key}: the columns are ${facts.columns.map((c) => c.name).join(', ')}.`,
    { table: `${facts.schema}.${facts.name}`, column: name },
  );
}

const optional = (facts: TableFacts, name: string | null, key: string): Column | null =>
  name === null ? null : columnOf(facts, name, key);

/** Rows that a policy hides would count as deleted: better no answer than that one. */
function refuseHiddenRows(facts: TableFacts): void {
  if (!facts.rowsHidden) return;
  throw new UsageError(
    'rows-hidden',
    `Row-level security of ${facts.schema}.${facts.name} hides rows from this user, so they would look deleted.`,
    'Connect as a role with BYPASSRLS or as the owner of the table.',
    { table: `${facts.schema}.${facts.name}` },
  );
}

function unfillableColumn(facts: TableFacts, ours: readonly (Column | null)[]): Column | null {
  const names = ours.map((column) => column?.name);
  return facts.columns.find((c) => c.notNull && !c.hasDefault && !names.includes(c.name)) ?? null;
}

const otherRequiredColumn = (facts: TableFacts, other: Column): UsageError =>
  new UsageError(
    'required-column',
    `Column ${other.name} of ${facts.schema}.${facts.name} must not be null and has no default, so dualpath cannot insert a state.`,
    `Give ${other.name} a default, or name another table in local_first.table.`,
    { table: `${facts.schema}.${facts.name}`, column: other.name },
  );
