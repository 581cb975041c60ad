import { UsageError } from '../errors.ts';
import { quoteIdent } from '../postgres/identifiers.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Stores } from './stores.ts';

/** Groups without a login: an operator grants them to the users of the application, of CI and of the rollout. */
export const ROLES = ['dualpath_app', 'dualpath_observer', 'dualpath_controller'] as const;
export type Role = (typeof ROLES)[number];

/** Roles belong to the whole cluster: another database of it may be creating the same ones at this moment. */
export const createRoleSql = (role: Role): string => `do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = '${role}') then
    create role ${role} nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end
$$`;

/** @throws UsageError when a role is missing and this user may not create it. */
export async function createRoles(tx: Queryable): Promise<readonly Role[]> {
  const { rows } = await tx.query<{ rolname: Role }>(
    `select rolname from pg_catalog.pg_roles where rolname = any($1::text[])`,
    [ROLES],
  );
  const missing = ROLES.filter((role) => !rows.some((row) => row.rolname === role));
  if (missing.length === 0) return [];
  if (!(await mayCreateRoles(tx))) {
    throw new UsageError(
      'cannot-create-roles',
      `The roles ${missing.join(', ')} do not exist and this user may not create roles.`,
      'Let a database administrator run what `dualpath init --sql` prints, then run `dualpath init` again.',
      { roles: missing },
    );
  }
  for (const role of missing) await tx.query(createRoleSql(role));
  return missing;
}

async function mayCreateRoles(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean }>(
    `select rolcreaterole or rolsuper as may from pg_catalog.pg_roles where rolname = current_user`,
  );
  return rows[0]?.may ?? false;
}

/** A privilege on one of the application's tables: granting it takes the table's owner. */
export interface TableGrant {
  readonly role: Role;
  readonly schema: string;
  readonly table: string;
  readonly privileges: readonly string[];
}

/** What each role may do with the application's tables; the observer reads, and nothing else. */
function tableGrants(stores: Stores): readonly TableGrant[] {
  const { legacy, localFirst, users, collaborators } = stores;
  const grant = (role: Role, schema: string, table: string, ...privileges: string[]): TableGrant => ({
    role,
    schema,
    table,
    privileges,
  });
  const read = [legacy.facts, users.facts, ...(collaborators ? [collaborators.facts] : [])];
  return ROLES.flatMap((role) => [
    ...read.map(({ schema, quoted }) => grant(role, schema, quoted, 'select')),
    ...(role === 'dualpath_observer'
      ? [grant(role, localFirst.schema, localFirst.quoted, 'select')]
      : [
          grant(role, legacy.facts.schema, legacy.quoted, 'update'),
          grant(role, localFirst.schema, localFirst.quoted, 'select', 'insert', 'update'),
        ]),
  ]);
}

/** What each role may do in the control schema. */
const CONTROL_GRANTS: readonly string[] = [
  `grant usage on schema dualpath to ${ROLES.join(', ')}`,
  `grant select on all tables in schema dualpath to ${ROLES.join(', ')}`,
  // Rounds, comparisons, drift, the proofs they give and the clock they reset: no flag, stage or authority.
  'grant insert, update, delete on dualpath.verifications, dualpath.rounds, dualpath.drift to dualpath_observer',
  `grant update (observed, proof_legacy_xmin, proof_local_xmin, proof_head, proved_at) on dualpath.documents
  to dualpath_observer`,
  // Which pairs a round has compared.
  'grant update (open) on dualpath.pairs to dualpath_observer',
  'grant update (window_since, paused_ms) on dualpath.cohorts to dualpath_observer',
  `grant insert, update on dualpath.documents, dualpath.updates, dualpath.versions, dualpath.quarantine,
  dualpath.pairs to dualpath_app`,
  'grant delete on dualpath.quarantine, dualpath.pairs to dualpath_app',
  'grant insert, update, delete on dualpath.captures to dualpath_app',
  `grant insert on dualpath.receipts, dualpath.heartbeats, dualpath.rejected, dualpath.conflicts, dualpath.revisions
  to dualpath_app`,
  'grant insert, update on dualpath.devices, dualpath.sessions, dualpath.clients to dualpath_app',
  'grant insert, update, delete on all tables in schema dualpath to dualpath_controller',
  'revoke insert, update, delete on dualpath.migrations from dualpath_controller',
];

/** The backfill gives way to other sessions only where it may see what they do. */
const MONITOR_GRANT = `do $$
begin
  if not pg_has_role('dualpath_controller', 'pg_monitor', 'member') then
    grant pg_monitor to dualpath_controller;
  end if;
exception when unique_violation or internal_error then
  null; -- another database of the cluster granted it at this moment
end
$$`;

/** Every grant as a statement, for a person to read. */
export const grantSql = (stores: Stores): readonly string[] => [
  MONITOR_GRANT,
  ...CONTROL_GRANTS,
  ...schemasOf(tableGrants(stores)).map(usageSql),
  ...tableGrants(stores).map(tableGrantSql),
];

const schemasOf = (grants: readonly TableGrant[]): readonly string[] => [
  ...new Set(grants.map((grant) => grant.schema)),
];

const usageSql = (schema: string): string =>
  `grant usage on schema ${quoteIdent(schema)} to ${ROLES.join(', ')}`;

const tableGrantSql = (grant: TableGrant): string =>
  `grant ${grant.privileges.join(', ')} on ${grant.table} to ${grant.role}`;

/**
 * Grants what is missing, and only that: a repeated `init` by somebody who does not own the tables has nothing to do.
 * @throws UsageError when something is missing and this user may not grant it.
 */
export async function grantAll(tx: Queryable, stores: Stores): Promise<void> {
  for (const statement of CONTROL_GRANTS) await tx.query(statement);
  // Without it the throttle goes slowly and says why, so it is no condition.
  if (await mayGrantMonitoring(tx)) await tx.query(MONITOR_GRANT);
  const grants = tableGrants(stores);
  for (const schema of schemasOf(grants)) {
    if (!(await allRolesMayUse(tx, schema))) await grantOrRefuse(tx, usageSql(schema), schema);
  }
  for (const grant of grants) {
    if (!(await hasPrivileges(tx, grant))) await grantOrRefuse(tx, tableGrantSql(grant), grant.table);
  }
}

async function mayGrantMonitoring(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean }>(
    `select pg_has_role(current_user, 'pg_monitor', 'member with admin option') as may`,
  );
  return rows[0]?.may ?? false;
}

async function allRolesMayUse(db: Queryable, schema: string): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean }>(
    `select bool_and(has_schema_privilege(r.name, $2::text, 'usage')) as may from unnest($1::text[]) as r (name)`,
    [ROLES, schema],
  );
  return rows[0]?.may ?? false;
}

async function hasPrivileges(db: Queryable, grant: TableGrant): Promise<boolean> {
  const { rows } = await db.query<{ has: boolean }>(
    `select bool_and(has_table_privilege($1::text, $2::text, p.name)) as has from unnest($3::text[]) as p (name)`,
    [grant.role, grant.table, grant.privileges],
  );
  return rows[0]?.has ?? false;
}

async function grantOrRefuse(tx: Queryable, statement: string, what: string): Promise<void> {
  try {
    await tx.query(statement);
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new UsageError(
      'cannot-grant',
      `This user may not grant rights on ${what}, which the roles of dualpath need.`,
      'Let its owner run what `dualpath init --sql` prints, then run `dualpath init` again.',
      { object: what },
    );
  }
}
