import type { Strategy } from '../core/flag-plan.ts';
import type { FlagRole } from '../core/model.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** What we last confirmed for one flag, and the write whose outcome is not known yet, if there is one. */
export interface FlagRecord {
  /** Its name when it was last written. */
  readonly flag: string;
  readonly confirmed: readonly Strategy[];
  readonly intended: readonly Strategy[] | null;
}

export async function readFlagRecord(db: Queryable, role: FlagRole): Promise<FlagRecord | null> {
  const { rows } = await db.query<FlagRecord>(
    `select flag, confirmed, intended from dualpath.flags where role = $1::text`,
    [role],
  );
  return rows[0] ?? null;
}

/** Records a flag that we prepared and never wrote; one that is recorded stays as it is. */
export async function recordAdopted(
  db: Queryable,
  role: FlagRole,
  flag: string,
  strategies: readonly Strategy[],
): Promise<void> {
  await db.query(
    `insert into dualpath.flags (role, flag, confirmed) values ($1::text, $2::text, $3::jsonb)
     on conflict (role) do nothing`,
    [role, flag, JSON.stringify(strategies)],
  );
}

export async function recordIntended(
  tx: Queryable,
  role: FlagRole,
  flag: string,
  intended: readonly Strategy[],
  before: readonly Strategy[],
): Promise<void> {
  await tx.query(
    `insert into dualpath.flags (role, flag, confirmed, intended, intended_at)
     values ($1::text, $2::text, $3::jsonb, $4::jsonb, now())
     on conflict (role) do update
       set flag = excluded.flag, intended = excluded.intended, intended_at = excluded.intended_at`,
    [role, flag, JSON.stringify(before), JSON.stringify(intended)],
  );
}

export async function recordConfirmed(
  tx: Queryable,
  role: FlagRole,
  confirmed: readonly Strategy[],
): Promise<void> {
  await tx.query(
    `update dualpath.flags
        set confirmed = $2::jsonb, confirmed_at = now(), intended = null, intended_at = null
      where role = $1::text`,
    [role, JSON.stringify(confirmed)],
  );
}
