import { carrySince, type Gate, gatesJudged, judge, verdictOf } from '../core/gates.ts';
import { FLAG_ROLES, type Stage, type Verdict } from '../core/model.ts';
import { shellWord } from '../core/shell-word.ts';
import { isJudged } from '../core/stages.ts';
import { upperBound } from '../core/statistics.ts';
import type { Stores } from '../documents/stores.ts';
import { HeldError, UnavailableError } from '../errors.ts';
import type { FlagPort } from '../flags/port.ts';
import { underNamedLock } from '../postgres/named-lock.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { type Ability, readAbility } from '../verify/ability.ts';
import { examine } from '../verify/examine.ts';
import { PAIRED_ROUND, ROUND, readPage } from '../verify/pages.ts';
import { recordFindings } from '../verify/record.ts';
import { namedProcesses, type Unsettled } from '../verify/settle.ts';
import { waitUntilStill } from '../verify/wait-until-still.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { enrolMissing } from './enrol.ts';
import { readEvidence } from './evidence.ts';
import { readFlagWrites } from './flag-writes.ts';
import { policyOf } from './judge-cohort.ts';
import { checkParity, cohortsOn, type Parity } from './parity.ts';
import {
  closeRound,
  countPage,
  coverageAge,
  judgeRound,
  openRound,
  type RoundCounts,
  restartWindow,
} from './round-records.ts';
import { sampleProven } from './sample.ts';

export interface RoundContext {
  /** Null: flags cannot be asked here, and their gate stays inconclusive. */
  readonly flags: FlagPort | null;
  /** Whole number below 2^53 that decides which documents and users are sampled. */
  readonly sampleSeed: number;
  readonly signal?: AbortSignal;
}

/** `observations` and `mismatches` are those since the clock began; `round` says what this round added. */
export interface RoundResult {
  readonly name: string;
  readonly stage: Stage;
  readonly verdict: Verdict;
  readonly observations: number;
  readonly mismatches: number;
  readonly upperBound: number | null;
  readonly gates: readonly Gate[];
  /** Why the flags could not be asked: the flag server does not answer. */
  readonly unreachable: UnavailableError | null;
  readonly round: RoundCounts & {
    readonly id: string;
    readonly sampleSeed: number;
    /** Documents that could not be compared. */
    readonly unseen: number;
    readonly parity: Parity | null;
  };
}

/**
 * One round of a soaking or baking cohort: catch up, compare what changed and a random sample of the rest, measure
 * coverage and flags, judge, record. Never changes a flag, a stage or an authority, and takes no lease.
 *
 * A failing round starts the cohort's clock again. Rounds of one cohort queue. A paused cohort's rounds compare, count
 * and judge like any other, for looking does no harm and a fault is better known; only its clock stands still.
 * @throws HeldError `not-soaking`
 */
export async function round(
  pool: Pool,
  stores: Stores,
  cohort: string,
  context: RoundContext,
): Promise<RoundResult> {
  const work = async (): Promise<RoundResult> => {
    const stage = await readStage(pool, cohort);
    if (!isJudged(stage)) throw notSoaking(cohort, stage);
    const id = await openRound(pool, cohort, stage, context.sampleSeed);
    const compared = await compareAll(pool, stores, cohort, id, context);
    const asked = await askFlags(pool, stores, context.flags, compared.owners);
    return inTransaction(pool, (tx) => conclude(tx, stores, { id, cohort, stage, context, compared, asked }));
  };
  return underNamedLock(pool, `dualpath.round:${cohort}`, work, context.signal);
}

interface Measured {
  readonly id: string;
  readonly cohort: string;
  readonly stage: Stage;
  readonly context: RoundContext;
  readonly compared: Compared;
  readonly asked: Asked;
}

/** Closes the round, reads the evidence with it, judges, and starts the clock again where a gate failed. */
async function conclude(tx: Queryable, stores: Stores, measured: Measured): Promise<RoundResult> {
  const { id, cohort, stage, context, compared, asked } = measured;
  const counts = await closeRound(tx, id, { missing: compared.missing, parity: asked.parity });
  const { evidence, now, previousGates } = await readEvidence(tx, cohort, id);
  const policy = policyOf(stores.config, cohort, stage);
  const judged = judge(evidence, policy, now, gatesJudged(stores.config.writePath)).map((gate) =>
    blocked(gate, compared.unseen, asked.unreachable),
  );
  const gates = carrySince(judged, previousGates);
  const verdict = verdictOf(gates);
  await judgeRound(tx, id, verdict, gates);
  if (gates.some((gate) => gate.verdict === 'fail')) await restartWindow(tx, cohort, stage);
  const observations = evidence.observations ?? 0;
  const mismatches = evidence.mismatches ?? 0;
  return {
    name: cohort,
    stage,
    verdict,
    observations,
    mismatches,
    upperBound: observations > 0 ? upperBound(mismatches, observations, policy.confidence) : null,
    gates,
    unreachable: asked.unreachable,
    round: {
      ...counts,
      id,
      sampleSeed: context.sampleSeed,
      unseen: compared.unseen.length,
      parity: asked.parity,
    },
  };
}

interface Compared {
  /** Members without a seed, by set difference; null: not measured in this round. */
  readonly missing: number | null;
  /** Why documents could not be compared, a reason each: somebody keeps their rows locked. */
  readonly unseen: readonly string[];
  /** Owners of the sample. */
  readonly owners: readonly string[];
}

/**
 * Catches up, seeds what is missing, compares what changed and a sample. A login that may not write takes nothing in:
 * what waits for somebody who may is not compared, and not held against the cohort.
 */
async function compareAll(
  pool: Pool,
  stores: Stores,
  cohort: string,
  id: string,
  { signal, sampleSeed }: RoundContext,
): Promise<Compared> {
  const ability = await readAbility(pool, stores);
  const unseen: string[] = [];
  if (ability.canTakeIn) {
    const { left, holders } = await catchUp(pool, stores, { signal });
    const because = `kept locked by ${namedProcesses(holders)}`;
    unseen.push(...Array.from({ length: left }, () => because));
  }
  const missing = await measureCoverage(pool, stores, cohort, ability);
  const compare = async (ids: readonly string[], sampled: number): Promise<void> => {
    const unsettled = await comparePage(pool, stores, cohort, id, ids, sampled, ability);
    const left = unsettled.filter(({ moving }) => moving === undefined);
    if (ability.canTakeIn) unseen.push(...left.map(({ because }) => because));
  };
  for (const part of PARTS[stores.config.writePath]) {
    let after: string | null = null;
    if (part === 'open') await waitUntilStill(pool, stores, cohort, signal);
    do {
      signal?.throwIfAborted();
      const page = await readPage(pool, stores, cohort, { part, after });
      await compare(page.ids, 0);
      after = page.next;
    } while (after !== null);
  }
  const sample = await sampleProven(pool, cohort, sampleSeed);
  await compare(
    sample.map((document) => document.id),
    sample.length,
  );
  return { missing, unseen, owners: [...new Set(sample.flatMap(({ owner }) => owner ?? []))] };
}

const PARTS = { library: ROUND, own: PAIRED_ROUND } as const;

/** Proofs, drift, observations and their counts are one transaction. */
async function comparePage(
  pool: Pool,
  stores: Stores,
  cohort: string,
  round: string,
  ids: readonly string[],
  sampled: number,
  ability: Ability,
): Promise<readonly Unsettled[]> {
  if (ids.length === 0) return [];
  const { fresh, settled, unsettled } = await examine(pool, stores, cohort, ids, ability);
  await inTransaction(pool, async (tx) => {
    await recordFindings(tx, fresh);
    await countPage(tx, round, [...fresh, ...settled], sampled);
  });
  return unsettled;
}

/** Above this many members the set difference is no longer measured in every round: it reads each of them. */
const SMALL_COHORT = 50_000;
/** Then once in this time, or a full verification would have to say it. */
const COVERAGE_EVERY_MS = 3_600_000;

async function measureCoverage(
  db: Pool,
  stores: Stores,
  cohort: string,
  ability: Ability,
): Promise<number | null> {
  const age = await coverageAge(db, cohort);
  if (age !== null && age < COVERAGE_EVERY_MS && (await isLarge(db, cohort))) return null;
  return enrolMissing(db, stores, cohort, ability);
}

async function isLarge(db: Queryable, cohort: string): Promise<boolean> {
  const { rows } = await db.query<{ large: boolean }>(
    `select count(*) > ${SMALL_COHORT} as large
       from (select from dualpath.documents where cohort = $1::text limit ${SMALL_COHORT + 1}) counted`,
    [cohort],
  );
  return rows[0]?.large ?? false;
}

interface Asked {
  readonly parity: Parity | null;
  readonly unreachable: UnavailableError | null;
}

/** A flag server that does not answer is no reason to lose what was compared. */
async function askFlags(
  db: Queryable,
  stores: Stores,
  flags: FlagPort | null,
  owners: readonly string[],
): Promise<Asked> {
  if (flags === null) return { parity: null, unreachable: null };
  const { rows: stages } = await db.query<{ name: string; stage: Stage }>(
    `select name, stage from dualpath.cohorts order by place`,
  );
  const writes = await readFlagWrites(db);
  const [dualWrite, byDefault] = FLAG_ROLES.map((role) => cohortsOn(stages, role, writes[role]));
  try {
    const wanted = { dual_write: dualWrite, default: byDefault };
    return { parity: await checkParity(db, stores, flags, wanted, owners), unreachable: null };
  } catch (error) {
    if (error instanceof UnavailableError) return { parity: null, unreachable: error };
    throw error;
  }
}

/** What could not be seen blocks: documents that somebody keeps locked, a flag server that does not answer. */
function blocked(gate: Gate, unseen: readonly string[], unreachable: UnavailableError | null): Gate {
  if (gate.gate === 'verification' && gate.verdict === 'pass' && unseen.length > 0)
    return {
      ...gate,
      verdict: 'inconclusive',
      because: `documents not compared ${unseen.length} > 0 (${[...new Set(unseen)].slice(0, 3).join('; ')})`,
    };
  if (gate.gate === 'flag-parity' && unreachable !== null)
    return { ...gate, verdict: 'error', because: `flags not seen: ${unreachable.message}` };
  return gate;
}

async function readStage(db: Queryable, cohort: string): Promise<Stage> {
  const { rows } = await db.query<{ stage: Stage }>(
    `select stage from dualpath.cohorts where name = $1::text`,
    [cohort],
  );
  return rows[0]?.stage ?? 'planned';
}

const notSoaking = (cohort: string, stage: Stage): HeldError =>
  new HeldError(
    'not-soaking',
    `Cohort ${cohort} is ${stage}: rounds are for soaking and baking cohorts.`,
    `Look at \`dualpath status ${shellWord(cohort)}\` for what it waits for.`,
    { cohort, stage },
  );
