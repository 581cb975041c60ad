import { shellWord } from '../core/shell-word.ts';
import { HeldError } from '../errors.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** The fencing token of a cohort's lease, a bigint as a string: every writing transaction of the holder asserts it. */
export interface Fence {
  readonly cohort: string;
  readonly token: string;
}

/**
 * Refuses the transaction of a holder who was taken over. Make it the last statement before the commit: the row is
 * held FOR SHARE, so a takeover waits for exactly the commits that it could not stop and no write of the old holder
 * lands after it (FOR KEY SHARE would let it pass), and held last it makes the takeover wait for one commit, not for work.
 * @throws HeldError `paused` when it was a pause that took the lease, else `fenced`.
 */
export async function assertFence(tx: Queryable, fence: Fence): Promise<void> {
  const { rows } = await tx.query<{ held: boolean; status: string }>(
    `select lease_token = $2::bigint as held, status from dualpath.cohorts where name = $1::text for share`,
    [fence.cohort, fence.token],
  );
  if (rows[0]?.held) return;
  throw rows[0]?.status === 'paused' ? pausedError(fence.cohort) : fencedError(fence.cohort);
}

/**
 * Between two pieces of work: may the holder go on? Takes no lock, so it promises nothing about the next write.
 * @throws HeldError `paused` or `fenced`.
 */
export async function checkGoingOn(db: Queryable, fence: Fence): Promise<void> {
  const { rows } = await db.query<{ held: boolean; status: string }>(
    `select lease_token = $2::bigint as held, status from dualpath.cohorts where name = $1::text`,
    [fence.cohort, fence.token],
  );
  if (rows[0]?.status === 'paused') throw pausedError(fence.cohort);
  if (!rows[0]?.held) throw fencedError(fence.cohort);
}

const fencedError = (cohort: string): HeldError =>
  new HeldError(
    'fenced',
    `Cohort ${cohort} was taken over by another controller, so nothing more was written by this one.`,
    `Look at \`dualpath journal show ${shellWord(cohort)}\` for who did, and at \`dualpath status ${shellWord(cohort)}\` for where it stands.`,
    { cohort },
  );

const pausedError = (cohort: string): HeldError =>
  new HeldError(
    'paused',
    `Cohort ${cohort} is paused.`,
    `Run \`dualpath resume ${shellWord(cohort)}\` and then the same command again: it goes on where it stopped.`,
    { cohort },
  );
