import { setTimeout as sleep } from 'node:timers/promises';
import { rowHolders } from '../documents/row-holders.ts';
import type { Stores } from '../documents/stores.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { takeIn } from '../write-path/ingest.ts';
import type { Ability } from './ability.ts';
import { type Finding, isMoving, samePair } from './finding.ts';
import { look } from './look.ts';
import { recordFindings } from './record.ts';

/** Documents whose two sides could not be seen at rest: neither proven nor drift. */
export interface Unsettled {
  readonly document: string;
  readonly because: string;
  /** One of its two writes may still be on its way: it is seen to by the next look, and holds nothing. */
  readonly moving?: true;
}

export interface Settlement {
  /** Already recorded. */
  readonly findings: readonly Finding[];
  readonly unsettled: readonly Unsettled[];
}

/** Documents held locked at a time: their writers wait for as many comparisons, some milliseconds each. */
const BATCH = 16;

/**
 * How long somebody else's lock is waited for: less than the second after which Postgres looks for a deadlock and may end
 * the application's transaction for it. Whoever holds a row longer keeps only its own document unsettled.
 */
export const LOCK_TIMEOUT_MS = 500;

/**
 * Looks again at documents that differed, at settled revisions, and records what stands. Whoever may write takes the
 * documents in and compares them inside their locks, where nothing can move: that answer is final at the first try.
 * Whoever may only read looks until the same pair was seen twice; what is still on its way in is left unsettled.
 */
export async function settle(
  pool: Pool,
  stores: Stores,
  differing: readonly Finding[],
  ability: Ability,
): Promise<Settlement> {
  if (differing.length === 0) return { findings: [], unsettled: [] };
  return ability.canTakeIn
    ? settleHeld(pool, stores, differing, ability)
    : settleSeen(pool, stores, differing);
}

/**
 * Takes documents in and compares them while the transaction holds them: what it finds cannot move before the commit.
 * @throws what a lock timeout throws
 */
export async function compareHeld(
  tx: Queryable,
  stores: Stores,
  ids: readonly string[],
  started: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  await takeIn(tx, stores, ids, started);
  return look(tx, stores, ids);
}

async function settleHeld(
  pool: Pool,
  stores: Stores,
  differing: readonly Finding[],
  { started }: Ability,
): Promise<Settlement> {
  const findings: Finding[] = [];
  const busy: string[] = [];
  const held = async (ids: readonly string[]): Promise<boolean> => {
    const found = await inHold(pool, stores, ids, differing, started);
    findings.push(...(found ?? []));
    return found !== null;
  };
  for (const batch of inBatches(differing.map(({ id }) => id))) {
    if (await held(batch)) continue;
    for (const id of batch) if (!(await held([id]))) busy.push(id);
  }
  return {
    findings: findings.filter((finding) => !isMoving(finding)),
    unsettled: [
      ...(await becauseLocked(pool, stores, busy)),
      ...findings
        .filter(isMoving)
        .map(({ id }) => ({ document: id, because: MOVING, moving: true as const })),
    ],
  };
}

const MOVING = 'one of its rows was written a moment ago, and the other may follow';

/** Null: somebody else holds one of them. */
async function inHold(
  pool: Pool,
  stores: Stores,
  ids: readonly string[],
  asked: readonly Finding[],
  started: ReadonlySet<string>,
): Promise<readonly Finding[] | null> {
  try {
    return await inTransaction(
      pool,
      async (tx) => {
        const found = withCohorts(await compareHeld(tx, stores, ids, started), asked);
        await recordFindings(tx, found);
        return found;
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } catch (error) {
    if (isLockTrouble(error)) return null;
    throw error;
  }
}

async function becauseLocked(
  pool: Pool,
  stores: Stores,
  busy: readonly string[],
): Promise<readonly Unsettled[]> {
  return Promise.all(
    busy.map(async (document) => ({
      document,
      because: `kept locked by ${namedProcesses(await rowHolders(pool, stores, [document]))}`,
    })),
  );
}

export const namedProcesses = (pids: readonly number[]): string =>
  pids.length === 0 ? 'another session' : `process${pids.length > 1 ? 'es' : ''} ${pids.join(', ')}`;

/** Pauses between looks without locks: a commit in flight is over well within the first, a busy document by the last. */
const PAUSES_MS = [50, 200, 800] as const;

async function settleSeen(pool: Pool, stores: Stores, differing: readonly Finding[]): Promise<Settlement> {
  const settled: Finding[] = [];
  let open = differing;
  for (const pause of PAUSES_MS) {
    if (open.length === 0) break;
    await sleep(pause);
    const before = new Map(open.map((finding) => [finding.id, finding]));
    const again = withCohorts(await lookAtOnce(pool, stores, [...before.keys()]), differing);
    const stands = (finding: Finding): boolean => {
      const earlier = before.get(finding.id);
      const differs = finding.comparison.result === 'mismatch';
      return (
        !differs || (finding.still && !finding.waiting && earlier !== undefined && samePair(earlier, finding))
      );
    };
    settled.push(...again.filter(stands));
    open = again.filter((finding) => !stands(finding));
  }
  await inTransaction(pool, (tx) => recordFindings(tx, settled));
  return {
    findings: settled,
    unsettled: open.map(({ id, waiting }) => ({
      document: id,
      because: waiting
        ? 'a change waits to be taken in, which this login may not do'
        : 'it was written between any two looks',
    })),
  };
}

/** One look at documents in one snapshot. */
export const lookAtOnce = (pool: Pool, stores: Stores, ids: readonly string[]): Promise<readonly Finding[]> =>
  inTransaction(pool, (db) => look(db, stores, ids), { isolation: 'repeatable read' });

/** A document that is in no cohort by itself stays with whoever asked for it. */
const withCohorts = (findings: readonly Finding[], asked: readonly Finding[]): readonly Finding[] => {
  const cohorts = new Map(asked.map(({ id, cohort }) => [id, cohort]));
  return findings.map((finding) => ({
    ...finding,
    cohort: finding.cohort ?? cohorts.get(finding.id) ?? null,
  }));
};

function inBatches(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, index) =>
    ids.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** Lock timeout, deadlock: the same document can succeed a little later. */
export const isLockTrouble = (error: unknown): boolean => ['55P03', '40P01'].includes(sqlState(error) ?? '');
