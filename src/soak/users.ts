import { ROLLOUT_GROUP_ID } from '../core/cohorts.ts';
import { typeSql } from '../documents/legacy-sql.ts';
import type { Stores } from '../documents/stores.ts';
import { canBeId } from '../documents/supported-types.ts';
import type { FlagUser } from '../flags/port.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** A user with the bucket (1–100) the flag SDK gives it in the rollout's group. */
export interface BucketedUser extends FlagUser {
  readonly bucket: number;
}

interface UserRow {
  id: string;
  values: readonly (string | null)[];
  bucket: number;
}

/** Users fetched at a time; some hundred bytes each. */
const PAGE = 5_000;

/** All users by id. A view may list one more than once: it is looked at once. An empty id is no user to the flag SDK. */
export async function* allUsers(db: Queryable, stores: Stores): AsyncGenerator<readonly BucketedUser[]> {
  const { id } = stores.users;
  let after: string | null = null;
  while (true) {
    const bound: string = after === null ? '' : `and ${id.quoted} > $2::text::${typeSql(id)}`;
    const found: readonly BucketedUser[] = await selectUsers(db, stores, bound, [
      PAGE,
      ...(after === null ? [] : [after]),
    ]);
    const newest = found.at(-1);
    if (newest === undefined) return;
    yield found;
    after = newest.id;
  }
}

/**
 * The users of these ids and, after each, the next one there is: neighbours by id are of any cohort, so that a flag that
 * is open to others shows too, and an index finds them without counting users.
 */
export async function usersAround(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly BucketedUser[]> {
  const { quoted, id } = stores.users;
  const sought = `$2::text[]::${typeSql(id)}[]`;
  const bound = `and (${id.quoted} = any(${sought}) or ${id.quoted} in (
    select (select n.${id.quoted} from ${quoted} n where n.${id.quoted} > a.id order by n.${id.quoted} limit 1)
      from unnest(${sought}) as a (id)))`;
  const possible = ids.filter((each) => canBeId(id, each));
  return possible.length === 0 ? [] : selectUsers(db, stores, bound, [2 * possible.length, possible]);
}

async function selectUsers(
  db: Queryable,
  stores: Stores,
  bound: string,
  values: readonly unknown[],
): Promise<readonly BucketedUser[]> {
  const { quoted, id, attributes } = stores.users;
  const columns = attributes.map(({ column }) => `${column.quoted}::text`);
  const { rows } = await db.query<UserRow>(
    `select distinct on (${quoted}.${id.quoted}) ${id.quoted}::text as id, array[${columns.join(', ')}]::text[] as values,
            dualpath.bucket(${id.quoted}::text, '${ROLLOUT_GROUP_ID}') as bucket
       from ${quoted} where ${id.quoted}::text <> '' ${bound}
      order by ${quoted}.${id.quoted} limit $1::int`,
    values,
  );
  return rows.map((row) => ({
    id: row.id,
    attributes: Object.fromEntries(attributes.map(({ name }, index) => [name, row.values[index] ?? null])),
    bucket: row.bucket,
  }));
}
