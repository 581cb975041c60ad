import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentStore } from '../index.ts';
import type { Pool } from '../postgres/pool.ts';

/** What everybody at the school shares. */
export interface SchoolDay {
  readonly pool: Pool;
  /** Of the server whose clients are sent where the stages say. */
  readonly documents: DocumentStore;
  /** Path of the config, for servers of their own. */
  readonly config: string;
  /** Aborts when everybody goes home. */
  readonly signal: AbortSignal;
}

export interface SchoolDocument {
  readonly id: string;
  readonly owner: string;
}

const LOOK_MS = 250;

const LATER: Readonly<Record<'soaking' | 'baking' | 'completed', readonly string[]>> = {
  soaking: ['soaking', 'cutting-over', 'baking', 'completed'],
  baking: ['baking', 'completed'],
  completed: ['completed'],
};

/** Has a cohort come so far? */
export async function hasReached(
  { pool }: SchoolDay,
  cohort: string,
  stage: keyof typeof LATER,
): Promise<boolean> {
  const { rows } = await pool.query<{ stage: string }>(
    `select stage from dualpath.cohorts where name = $1::text`,
    [cohort],
  );
  return LATER[stage].includes(rows[0]?.stage ?? 'planned');
}

/**
 * Waits until a cohort has come so far, doing something all the while; false: everybody went home before.
 * @param meanwhile told how often it was asked before
 */
export async function reached(
  day: SchoolDay,
  cohort: string,
  stage: keyof typeof LATER,
  meanwhile: (times: number) => Promise<void> = async () => undefined,
): Promise<boolean> {
  for (let times = 0; !(await hasReached(day, cohort, stage)); times += 1) {
    if (day.signal.aborted) return false;
    await meanwhile(times);
    await sleep(LOOK_MS, undefined, { signal: day.signal }).catch(() => undefined);
  }
  return true;
}
