import { shellWord } from '../core/shell-word.ts';
import { documentKey } from '../documents/document-key.ts';
import type { Stores } from '../documents/stores.ts';
import { HeldError, UsageError } from '../errors.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { catchUp } from '../write-path/catch-up.ts';
import { type Ability, readAbility } from './ability.ts';
import { examine } from './examine.ts';
import { answeringCohort, CHANGED, type Cursor, FULL, type Part, readPage } from './pages.ts';
import { countDrift, type DriftRow, readDrift, recordFindings } from './record.ts';
import { type Refused, repairDrift } from './repair.ts';
import { advanceRun, countFindings, finishRun, openRun, type Run, readRun } from './runs.ts';
import type { Unsettled } from './settle.ts';
import { waitUntilStill } from './wait-until-still.ts';

/** `changed` is what the proofs' index knows to be unproven, and standing drift (see `pages.ts`). */
export type VerifyScope = 'full' | 'changed' | { readonly document: string };

export interface VerifyOptions {
  readonly cohorts: readonly string[];
  readonly scope: VerifyScope;
  /** Mends drift after the comparison; what is mended compares clean. */
  readonly repair?: boolean;
  /** Drift rows returned; all are counted. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly cohort: string; readonly compared: number }) => void;
}

/** A cohort's comparison. `missing` and `extra` are classes of drift, and stand in `driftTotal` too. */
export interface VerifyResult {
  readonly name: string;
  readonly compared: number;
  readonly matched: number;
  readonly missing: number;
  readonly extra: number;
  readonly quarantined: number;
  readonly repaired: number;
  readonly driftTotal: number;
  readonly drift: readonly DriftRow[];
  /** Drift that a repair left alone, with the reason: its stores are the application's to write. */
  readonly notRepaired: readonly Refused[];
  /** Neither proven nor drift: locked by somebody, or still on their way in. */
  readonly unsettledTotal: number;
  readonly unsettled: readonly Unsettled[];
  readonly durationMs: number;
}

const LIMIT = 1_000;

/**
 * Compares documents of started cohorts, one cohort after another: each state decoded and held against its legacy row.
 * Matches are proven, what differs is looked at again at settled revisions and recorded as drift. Memory does not grow
 * with the number of documents. A full comparison that was interrupted is continued by the next call.
 * @throws HeldError `not-started`, or `read-only` for a repair by a login that may not write; UsageError `unknown-document`; what `signal` was aborted with.
 */
export async function verify(
  pool: Pool,
  stores: Stores,
  options: VerifyOptions,
): Promise<readonly VerifyResult[]> {
  const ability = await readAbility(pool, stores);
  for (const cohort of options.cohorts) if (!ability.started.has(cohort)) throw notStarted(cohort);
  if (options.repair && !ability.canTakeIn) throw readOnly();
  const { scope, signal } = options;
  if (typeof scope === 'object') return verifyDocument(pool, stores, options, scope.document, ability);
  if (ability.canTakeIn) await catchUp(pool, stores, { signal });
  const results: VerifyResult[] = [];
  for (const cohort of options.cohorts) {
    const startedAt = performance.now();
    const run = await openRun(pool, cohort, scope);
    const parts = scope === 'full' ? FULL : CHANGED;
    const unsettled = await comparePages(pool, stores, cohort, run, parts, ability, options);
    const refused = options.repair ? await repairDrift(pool, stores, cohort, run, ability, { signal }) : [];
    results.push(await resultOf(pool, cohort, run, { unsettled, refused }, startedAt, options));
  }
  return results;
}

/** Counted all, kept some: memory must not grow with what is found. */
interface Tally {
  readonly total: number;
  readonly some: readonly Unsettled[];
}

const tallyOf = (unsettled: readonly Unsettled[], before: Tally = { total: 0, some: [] }): Tally => ({
  total: before.total + unsettled.length,
  some: [...before.some, ...unsettled].slice(0, LIMIT),
});

/** Goes through the parts from where the run stands; a page's proofs, counts and cursor are one transaction. */
async function comparePages(
  pool: Pool,
  stores: Stores,
  cohort: string,
  opened: Run,
  parts: readonly Part[],
  ability: Ability,
  { signal, onProgress }: VerifyOptions,
): Promise<Tally> {
  let unsettled = tallyOf([]);
  let run = opened;
  let cursor = cursorOf(run, parts);
  while (cursor !== null && !run.finished) {
    signal?.throwIfAborted();
    const page = await readPage(pool, stores, cohort, cursor);
    const examined = await examine(pool, stores, cohort, page.ids, ability);
    const next = page.next === null ? nextPart(parts, cursor.part) : { part: cursor.part, after: page.next };
    const text = JSON.stringify(next);
    const counted = cursor.part !== 'leftover';
    const counts = countFindings(counted ? [...examined.fresh, ...examined.settled] : []);
    const compared = counts.compared + (counted ? examined.unsettled.length : 0);
    const ours = await inTransaction(pool, async (tx) => {
      await recordFindings(tx, examined.fresh);
      return advanceRun(tx, run, text, { ...counts, compared });
    });
    if (ours && counted) unsettled = tallyOf(examined.unsettled, unsettled);
    run = await readRun(pool, run.id);
    cursor = ours ? next : cursorOf(run, parts);
    onProgress?.({ cohort, compared: run.counts.compared });
  }
  const looked = await compareMoving(pool, stores, cohort, run, unsettled, ability, signal);
  await finishRun(pool, run);
  return looked;
}

/** Once more at documents of which one row had just been written, when the other has had its time. */
async function compareMoving(
  pool: Pool,
  stores: Stores,
  cohort: string,
  run: Run,
  before: Tally,
  ability: Ability,
  signal: AbortSignal | undefined,
): Promise<Tally> {
  const moving = before.some.filter((each) => each.moving).map(({ document }) => document);
  if (moving.length === 0) return before;
  await waitUntilStill(pool, stores, cohort, signal);
  const { fresh, settled, unsettled } = await examine(pool, stores, cohort, moving, ability);
  const { compared: _, ...counts } = countFindings([...fresh, ...settled]);
  await inTransaction(pool, async (tx) => {
    await recordFindings(tx, fresh);
    await advanceRun(tx, await readRun(tx, run.id), 'null', { ...counts, compared: 0 });
  });
  const rest = before.some.filter((each) => !each.moving);
  const tally = tallyOf([...rest, ...unsettled]);
  return { ...tally, total: before.total - moving.length + unsettled.length };
}

/** Null: through with every part. */
function cursorOf(run: Run, parts: readonly Part[]): Cursor | null {
  if (run.cursor === null) return firstOf(parts);
  return JSON.parse(run.cursor) as Cursor | null;
}

const firstOf = ([part]: readonly Part[]): Cursor | null => (part ? { part, after: null } : null);

const nextPart = (parts: readonly Part[], part: Part): Cursor | null =>
  firstOf(parts.slice(parts.indexOf(part) + 1));

async function verifyDocument(
  pool: Pool,
  stores: Stores,
  options: VerifyOptions,
  document: string,
  ability: Ability,
): Promise<readonly VerifyResult[]> {
  const startedAt = performance.now();
  const id = documentKey(document);
  const examined = await examine(pool, stores, await answeringCohort(pool), [id], ability);
  const [finding] = [...examined.fresh, ...examined.settled, ...examined.differing];
  const cohort = options.cohorts.find((name) => name === finding?.cohort);
  if (!finding || !cohort || finding.comparison.result === 'absent') throw unknownDocument(document);
  const run = await openRun(pool, cohort, 'document');
  const counts = countFindings([...examined.fresh, ...examined.settled]);
  await inTransaction(pool, async (tx) => {
    await recordFindings(tx, examined.fresh);
    await advanceRun(tx, run, 'null', { ...counts, compared: 1 });
  });
  const refused = options.repair
    ? await repairDrift(pool, stores, cohort, run, ability, { document: id })
    : [];
  await finishRun(pool, run);
  const left = { unsettled: tallyOf(examined.unsettled), refused };
  return [await resultOf(pool, cohort, run, left, startedAt, options, id)];
}

async function resultOf(
  pool: Pool,
  cohort: string,
  { id }: Run,
  { unsettled, refused }: { readonly unsettled: Tally; readonly refused: readonly Refused[] },
  startedAt: number,
  options: VerifyOptions,
  document?: string,
): Promise<VerifyResult> {
  const { counts, repaired } = await readRun(pool, id);
  const limit = options.limit ?? LIMIT;
  const drift = await countDrift(pool, cohort, document);
  return {
    name: cohort,
    compared: counts.compared,
    matched: counts.matched,
    missing: drift.missing,
    extra: drift.extra,
    quarantined: counts.quarantined,
    repaired,
    driftTotal: drift.total,
    drift: await readDrift(pool, cohort, { after: null, limit, document }),
    notRepaired: refused.slice(0, limit),
    unsettledTotal: unsettled.total,
    unsettled: unsettled.some.slice(0, limit),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

const notStarted = (cohort: string): HeldError =>
  new HeldError(
    'not-started',
    `Cohort ${cohort} has not been started, so there is nothing to compare.`,
    `Run \`dualpath start ${shellWord(cohort)}\` first.`,
    { cohort },
  );

const unknownDocument = (document: string): UsageError =>
  new UsageError(
    'unknown-document',
    `None of these cohorts has a document ${JSON.stringify(document.slice(0, 200))}.`,
    'Give the id as the legacy table has it, of a document whose cohort has been started.',
    { document: documentKey(document) },
  );

const readOnly = (): HeldError =>
  new HeldError(
    'read-only',
    'This login may read the stores and not write them, so it cannot repair anything.',
    'Run `dualpath verify --repair` as a login that was granted the role dualpath_controller.',
  );
