import { TITLE_PREFIX } from '../core/flag-plan.ts';
import type { FlagRole } from '../core/model.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** The cohorts that a flag was last confirmed on for, and those that an unfinished write of it wants on, if there is one. */
export interface FlagWriteState {
  readonly confirmed: ReadonlySet<string>;
  readonly intended: ReadonlySet<string> | null;
}

export type FlagWrites = Partial<Readonly<Record<FlagRole, FlagWriteState>>>;

interface Row {
  readonly role: FlagRole;
  readonly confirmed: readonly Titled[];
  readonly intended: readonly Titled[] | null;
}
interface Titled {
  readonly title: string;
}

/** What is on record of the writes of both flags; a flag that was never written is left out. */
export async function readFlagWrites(db: Queryable): Promise<FlagWrites> {
  const { rows } = await db.query<Row>(`select role, confirmed, intended from dualpath.flags`);
  return Object.fromEntries(
    rows.map(({ role, confirmed, intended }) => [
      role,
      { confirmed: cohortsOf(confirmed), intended: intended && cohortsOf(intended) },
    ]),
  );
}

const cohortsOf = (strategies: readonly Titled[]): ReadonlySet<string> =>
  new Set(strategies.map(({ title }) => title.slice(TITLE_PREFIX.length)));
