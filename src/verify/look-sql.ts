import { keySql, seekSql, typeSql } from '../documents/legacy-sql.ts';
import type { Stores } from '../documents/stores.ts';
import { canBeId } from '../documents/supported-types.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * About the bytes of both sides of each document, without reading a content. Stored contents are compressed, up to a
 * hundredfold; the length of a state is known all the same, and its document's JSON is about as long.
 */
export async function readSizes(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { legacy, localFirst } = stores;
  const { condition, values } = seekSql(legacy, ids);
  const contents = await db.query<Size>(
    `select ${keySql(legacy)} as id, coalesce(pg_column_size(${legacy.content.quoted}), 0) as bytes
       from ${legacy.quoted} where ${condition}`,
    values,
  );
  const states = await db.query<Size>(
    `select ${localFirst.id.quoted}::text as id, 2 * octet_length(${localFirst.state.quoted}) as bytes
       from ${localFirst.quoted} where ${localFirst.id.quoted} = any($1::text[]::${typeSql(localFirst.id)}[])`,
    [ids.filter((id) => canBeId(localFirst.id, id))],
  );
  const sizes = new Map<string, number>();
  for (const { id, bytes } of [...contents.rows, ...states.rows]) sizes.set(id, (sizes.get(id) ?? 0) + bytes);
  return sizes;
}

interface Size {
  readonly id: string;
  readonly bytes: number;
}

/** Which of these documents were written and are not taken in yet. */
export async function readWaiting(db: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select distinct subject as id from dualpath.captures where kind = 'document' and subject = any($1::text[])`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Which of these Yjs client ids wrote a seed, of whichever document. */
export async function readSeedClients(
  db: Queryable,
  clients: readonly string[],
): Promise<ReadonlySet<string>> {
  if (clients.length === 0) return new Set();
  const { rows } = await db.query<{ client: string }>(
    `select client::text as client from dualpath.updates where origin = 'seed' and client = any($1::bigint[])`,
    [clients],
  );
  return new Set(rows.map(({ client }) => client));
}

/** The cohorts whose documents are no longer mirrored. */
export async function readCompleted(db: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select name from dualpath.cohorts where stage = 'completed'`,
  );
  return new Set(rows.map(({ name }) => name));
}
