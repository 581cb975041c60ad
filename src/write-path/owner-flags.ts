import { typeSql } from '../documents/legacy-sql.ts';
import type { Stores } from '../documents/stores.ts';
import { canBeId } from '../documents/supported-types.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** What a flag client needs to have: `unleash-client`'s does. */
export interface FlagClient {
  isEnabled(name: string, context: FlagContext): boolean;
}

export interface FlagContext {
  readonly userId?: string;
  readonly properties?: Record<string, string>;
}

/** What the flag `default` says for a user, with the attributes of the config; null without a flag client. */
export async function askDefault(
  db: Queryable,
  stores: Stores,
  flags: FlagClient | undefined,
  user: string | null,
): Promise<boolean | null> {
  if (flags === undefined) return null;
  const name = stores.config.flags.default;
  if (user === null) return flags.isEnabled(name, {});
  return flags.isEnabled(name, { userId: user, properties: await attributesOf(db, stores, user) });
}

async function attributesOf(db: Queryable, { users }: Stores, user: string): Promise<Record<string, string>> {
  if (users.attributes.length === 0 || !canBeId(users.id, user)) return {};
  const columns = users.attributes.map(({ column }, index) => `${column.quoted}::text as a${index}`);
  const { rows } = await db.query<Record<string, string | null>>(
    `select ${columns.join(', ')} from ${users.quoted} where ${users.id.quoted} = $1::text::${typeSql(users.id)} limit 1`,
    [user],
  );
  const [row] = rows;
  if (!row) return {};
  return Object.fromEntries(
    users.attributes.flatMap(({ name }, index) => {
      const value = row[`a${index}`];
      return value == null ? [] : [[name, value]];
    }),
  );
}
