import { STAGES } from '../core/model.ts';
import { isStarted } from '../core/stages.ts';
import type { Queryable } from '../postgres/queryable.ts';

const STARTED = STAGES.filter(isStarted);

/** The cohorts whose members are seeded, rolled back and completed ones among them. */
export async function startedCohorts(db: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select name from dualpath.cohorts where stage = any($1::text[])`,
    [STARTED],
  );
  return new Set(rows.map((row) => row.name));
}
