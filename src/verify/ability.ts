import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** What this login may do about a mismatch, and which cohorts' members are seeded. */
export interface Ability {
  /** It may lock and write the application's tables, so it can take changes in. The observer may not, and only looks. */
  readonly canTakeIn: boolean;
  readonly started: ReadonlySet<string>;
}

export async function readAbility(db: Queryable, stores: Stores): Promise<Ability> {
  const { rows } = await db.query<{ able: boolean }>(
    `select has_any_column_privilege($1::text, 'update') and has_table_privilege($2::text, 'insert')
        and has_table_privilege($2::text, 'update') and has_table_privilege('dualpath.updates', 'insert') as able`,
    [stores.legacy.quoted, stores.localFirst.quoted],
  );
  const started = await db.query<{ name: string }>(
    `select name from dualpath.cohorts where started_at is not null`,
  );
  return {
    canTakeIn: rows[0]?.able ?? false,
    started: new Set(started.rows.map(({ name }) => name)),
  };
}
