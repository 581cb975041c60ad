import { assertFence, type Fence } from '../documents/fence.ts';
import { readStates } from '../documents/local-first.ts';
import { rowHolders } from '../documents/row-holders.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import type { Stores } from '../documents/stores.ts';
import { keepVersions } from '../documents/updates.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { recordFindings } from '../verify/record.ts';
import { contentIn, level, NotMended } from '../verify/repair.ts';
import { compareHeld } from '../verify/settle.ts';
import { countByAuthority, pagesOn, setAuthority, takeBackDeleted } from './authority.ts';
import { describeMoving } from './describe-action.ts';
import { inParts, type Parts } from './in-parts.ts';
import type { Session } from './session.ts';

/** What taking a cohort's documents back came to; `holders` are the processes that kept the rest locked. */
export interface TakenBack {
  readonly documents: number;
  /** Of them, unequal ones whose head was mirrored to the legacy row again, which is kept as a version. */
  readonly mirroredAgain: number;
  /** Of them, unequal ones that no mirroring could make equal: the row stays as it is, the head is kept as a version. */
  readonly keptApart: number;
  readonly holders: readonly number[];
}

/**
 * Moves the authority of a cohort's documents to legacy, without any gate. A legacy row that somebody wrote is taken in
 * first; a pair that differs even then keeps both versions. Stops between two batches when `signal` fires.
 */
export async function takeBack(session: Session, fence: Fence, signal: AbortSignal): Promise<TakenBack> {
  const { pool, stores, progress } = session;
  const started = await startedCohorts(pool);
  const before = await countByAuthority(pool, fence.cohort);
  const total = before.legacy + before['local-first'];
  const sum = { documents: 0, mirroredAgain: 0, keptApart: 0 };
  const busy: string[] = [];
  for await (const ids of pagesOn(pool, fence.cohort, 'local-first', signal)) {
    const batch = await inParts(session, ids, (tx, some) => takeBackEqual(tx, session, fence, some, started));
    busy.push(...batch.busy);
    for (const { count } of batch.done) sum.documents += count;
    for (const id of batch.done.flatMap(({ unequal }) => unequal)) {
      const one = await takeBackUnequal(session, fence, id, started);
      busy.push(...one.busy);
      for (const outcome of one.done) {
        sum.documents += 1;
        sum[outcome] += 1;
      }
    }
    progress(`${fence.cohort}: ${describeMoving(before.legacy + sum.documents, total, 'legacy')}`);
  }
  await inTransaction(pool, async (tx) => {
    await takeBackDeleted(tx, fence.cohort);
    await assertFence(tx, fence);
  });
  return { ...sum, holders: await rowHolders(pool, stores, busy) };
}

async function takeBackEqual(
  tx: Queryable,
  { stores }: Session,
  fence: Fence,
  ids: readonly string[],
  started: ReadonlySet<string>,
): Promise<{ readonly count: number; readonly unequal: readonly string[] }> {
  const findings = await compareHeld(tx, stores, ids, started);
  const differs = new Set(
    findings.filter(({ comparison }) => comparison.result === 'mismatch').map(({ id }) => id),
  );
  await recordFindings(
    tx,
    findings.filter(({ id }) => !differs.has(id)),
  );
  const equal = ids.filter((id) => !differs.has(id));
  const count = await setAuthority(tx, equal, 'legacy');
  await assertFence(tx, fence);
  return { count, unequal: [...differs] };
}

async function takeBackUnequal(
  session: Session,
  fence: Fence,
  id: string,
  started: ReadonlySet<string>,
): Promise<Parts<'mirroredAgain' | 'keptApart'>> {
  const { stores } = session;
  // Where the application writes both stores, neither is mirrored over the other: both versions stay where they are.
  const mirrors = stores.config.writePath === 'library';
  try {
    if (mirrors)
      return await inParts(session, [id], async (tx) => {
        await level(tx, stores, id, started, 'rollback');
        await setAuthority(tx, [id], 'legacy');
        await assertFence(tx, fence);
        return 'mirroredAgain' as const;
      });
  } catch (error) {
    if (!(error instanceof NotMended) && !REFUSED_BY_TABLE.test(sqlState(error) ?? '')) throw error;
  }
  return inParts(session, [id], async (tx) => {
    await recordFindings(tx, await compareHeld(tx, stores, [id], started));
    await keepHead(tx, stores, id);
    await setAuthority(tx, [id], 'legacy');
    await assertFence(tx, fence);
    return 'keptApart' as const;
  });
}

/** Data exceptions, constraints, limits, and what a trigger of the application raises against the mirrored row. */
const REFUSED_BY_TABLE = /^(22|23|54|P0)/;

async function keepHead(tx: Queryable, stores: Stores, id: string): Promise<void> {
  const [row] = await readStates(tx, stores, [id], { lock: true });
  if (row)
    await keepVersions(tx, [
      { id, content: contentIn(stores, row.state), legacyRevision: null, source: 'rollback' },
    ]);
}
