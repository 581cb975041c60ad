import { type DefinedCohort, ROLLOUT_GROUP_ID } from '../core/cohorts.ts';
import type { Definition } from '../core/model.ts';
import type { Column } from './inspect-table.ts';
import type { UsersTable } from './stores.ts';

/** What membership needs of the stores: the cohorts in rollout order, and where users are. */
export interface MembershipStores {
  readonly config: { readonly cohorts: readonly DefinedCohort[] };
  readonly users: Pick<UsersTable, 'quoted' | 'id' | 'attributes'>;
}

/**
 * An SQL expression for the name of the first cohort that matches a user, null when none does: live membership, as
 * `cohortOf` decides it. `owner` is SQL for the user's id as text and may be null: only `everyone` takes that. An owner
 * who is not in the users table matches by id, percentage and `everyone`. It joins nothing, so a users view that holds an
 * id twice doubles no document, and it holds its values as literals, so it fits any query whatever its parameters.
 */
export function cohortSql(stores: MembershipStores, owner: string): string {
  // Byte by byte, as the flag SDK compares, whatever collation the column has.
  const id = `(${owner}) collate "C"`;
  const arms = stores.config.cohorts.map(
    ({ name, definition }) =>
      `when ${conditionSql(stores.users, definition, id)} then ${literal(name)}::text`,
  );
  return `(case ${arms.join('\n      ')} end)`;
}

function conditionSql(users: MembershipStores['users'], definition: Definition, id: string): string {
  if ('users' in definition) return `${id} = any(${textArray(definition.users)})`;
  if ('match' in definition)
    return Object.entries(definition.match)
      .map(([attribute, values]) => attributeSql(users, attribute, values, id))
      .join(' and ');
  // The flag SDK gives a user without an id no bucket.
  if ('percent' in definition)
    return `(${id} <> '' and dualpath.bucket(${id}, ${literal(ROLLOUT_GROUP_ID)}) <= ${Math.trunc(definition.percent)})`;
  return 'true';
}

function attributeSql(
  users: MembershipStores['users'],
  attribute: string,
  values: readonly string[],
  id: string,
): string {
  const column = users.attributes.find(({ name }) => name === attribute)?.column;
  if (column === undefined) return 'false';
  return `exists (select from ${users.quoted} dp_user where ${sameUserSql(users.id, id)}
        and dp_user.${column.quoted}::text collate "C" = any(${textArray(values)}))`;
}

const CANONICAL_UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
const CANONICAL_INTEGER = '^(0|-?[1-9][0-9]{0,18})$';

/**
 * Whether the row of a user has this id as text. One comparison, so that the planner may also hash the users; written so that an index on the id's own type can be used: text that is
 * not how that type is printed is nobody's id, and never reaches a cast that would fail.
 */
function sameUserSql(column: Column, id: string): string {
  const own = `dp_user.${column.quoted}`;
  if (column.type === 'uuid')
    return `${own} = (case when ${id} ~ '${CANONICAL_UUID}' then (${id})::uuid end)`;
  if (['int2', 'int4', 'int8'].includes(column.type))
    return `${own} = (case when ${id} !~ '${CANONICAL_INTEGER}' then null
        when (${id})::numeric between -9223372036854775808 and 9223372036854775807 then (${id})::int8 end)`;
  // Through jsonb, because text that comes from there takes on the collation of the column, and so of its index.
  if (['text', 'varchar'].includes(column.type)) return `${own} = (to_jsonb(${id}) #>> '{}')`;
  return `${own}::text collate "C" = ${id}`;
}

/** Right whatever the session's `standard_conforming_strings`: a backslash is written as one in an E'' string. */
function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

/** One literal, however many the values: `'{"u-1","u-2"}'::text[]`. */
function textArray(values: readonly string[]): string {
  const elements = values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `${literal(`{${elements.join(',')}}`)}::text[]`;
}
