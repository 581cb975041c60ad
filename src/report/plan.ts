import type { CohortConfig } from '../config/config.ts';
import { wantedStrategies } from '../core/flag-plan.ts';
import { formatCount } from '../core/format-count.ts';
import { impossibleGates } from '../core/impossible-gates.ts';
import type { Stage } from '../core/model.ts';
import { type CohortCensus, countMembers, sharedDocuments } from '../documents/census.ts';
import { pageMembers } from '../documents/members.ts';
import type { Stores } from '../documents/stores.ts';
import { findUnmirrored, type UnmirroredDocument } from '../documents/unmirrored.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { prepareRow } from '../write-path/seed.ts';
import type { PlannedCohort, PlanReport } from './reports.ts';

/** A page of documents read and converted at once. */
const PAGE = { limit: 200, maxBytes: 8 * 1024 * 1024 };

/** Listed a cohort; all of them are counted. */
const LISTED = 1000;

export interface PlanInputs {
  readonly stages: ReadonlyMap<string, Stage>;
  /** Differences of started cohorts from the file, capture gaps: what a person should know before anything starts. */
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
  readonly progress: (line: string | null) => void;
}

/**
 * What would happen, cohort by cohort: every member document is converted and back, nothing is written. Documents are
 * read a page at a time, so memory stays flat.
 */
export async function planCohorts(
  db: Queryable,
  stores: Stores,
  cohorts: readonly CohortConfig[],
  inputs: PlanInputs,
): Promise<PlanReport> {
  const counts = new Map((await countMembers(db, stores)).map((count) => [count.cohort, count]));
  const shared = new Map((await sharedDocuments(db, stores)).map((each) => [each.cohort, each.shared]));
  const planned: PlannedCohort[] = [];
  for (const cohort of cohorts) {
    planned.push(
      await planCohort(db, stores, cohort, counts.get(cohort.name), shared.get(cohort.name) ?? 0, inputs),
    );
  }
  inputs.progress(null);
  return { cohorts: planned, warnings: inputs.warnings };
}

async function planCohort(
  db: Queryable,
  stores: Stores,
  cohort: CohortConfig,
  count: CohortCensus | undefined,
  shared: number,
  inputs: PlanInputs,
): Promise<PlannedCohort> {
  const stage = inputs.stages.get(cohort.name) ?? 'planned';
  const began = performance.now();
  const conversion = await convertAll(db, stores, cohort.name, count?.documents ?? 0, inputs);
  const seconds = (performance.now() - began) / 1000;
  return {
    name: cohort.name,
    stage,
    members: count?.members ?? 0,
    documents: count?.documents ?? 0,
    bytes: count?.bytes ?? 0,
    shared,
    ...conversion,
    flagChanges: flagChanges(stores, cohort, stage),
    impossibleGates: [
      ...impossible(cohort, 'soak', conversion.unconvertibleTotal),
      ...impossible(cohort, 'bake', conversion.unconvertibleTotal),
      ...(count?.documents
        ? []
        : ['mismatch-rate stays inconclusive: documents 0, so nothing can be observed']),
    ],
    // Copying writes what planning only reads; on the machines it was measured on that took about as long again.
    forecastSeconds: startsAnew(stage) && count?.documents ? seconds * 2 : null,
  };
}

const startsAnew = (stage: Stage): boolean => stage === 'planned' || stage === 'rolled-back';

/** What comes of a cohort's documents; lists are cut at `LISTED`, the totals count them all. */
interface Conversion {
  exact: number;
  readonly normalised: { document: string; notes: readonly string[] }[];
  normalisedTotal: number;
  readonly unconvertible: { document: string; reason: string }[];
  unconvertibleTotal: number;
  readonly unmirrored: UnmirroredDocument[];
  unmirroredTotal: number;
}

async function convertAll(
  db: Queryable,
  stores: Stores,
  cohort: string,
  total: number,
  { signal, progress }: PlanInputs,
): Promise<Conversion> {
  const conversion: Conversion = {
    exact: 0,
    normalised: [],
    normalisedTotal: 0,
    unconvertible: [],
    unconvertibleTotal: 0,
    unmirrored: [],
    unmirroredTotal: 0,
  };
  let done = 0;
  let after: string | null = null;
  while (true) {
    signal.throwIfAborted();
    const rows = await pageMembers(db, stores, cohort, { after, upto: null, ...PAGE });
    after = rows.at(-1)?.id ?? null;
    if (after === null) return conversion;
    for (const row of rows) count(conversion, row.id, prepareRow(stores, row));
    const ids = rows.map(({ id }) => id);
    for (const found of await findUnmirrored(db, stores, ids)) {
      conversion.unmirroredTotal += 1;
      list(conversion.unmirrored, found);
    }
    done += rows.length;
    progress(`${cohort}: ${formatCount(done)} of ${formatCount(total)} documents converted and back`);
  }
}

function count(conversion: Conversion, document: string, prepared: ReturnType<typeof prepareRow>): void {
  if ('quarantine' in prepared) {
    conversion.unconvertibleTotal += 1;
    list(conversion.unconvertible, { document, reason: prepared.quarantine.reason });
    return;
  }
  const { notes } = prepared.seed.content;
  if (notes.length === 0) {
    conversion.exact += 1;
    return;
  }
  conversion.normalisedTotal += 1;
  list(conversion.normalised, { document, notes });
}

function list<T>(into: T[], item: T): void {
  if (into.length < LISTED) into.push(item);
}

/** The strategies that the next two steps of the cohort add, as a person sees them at the flag provider. */
function flagChanges(stores: Stores, cohort: CohortConfig, stage: Stage): readonly string[] {
  const { flags, cohorts } = stores.config;
  const own = wantedStrategies(cohorts, new Set([cohort.name])).slice(1);
  const lines = (flag: string, step: string): readonly string[] =>
    own.map((strategy) => {
      const narrowed = strategy.constraints.map(
        ({ contextName, inverted, values }) =>
          `${contextName} ${inverted ? 'not in' : 'in'} ${shortList(values)}`,
      );
      const share = strategy.rollout === 100 ? 'everyone' : `${strategy.rollout} % of users`;
      const who = narrowed.length === 0 ? share : `${share} with ${narrowed.join(' and ')}`;
      return `${step}: ${flag} gets “${strategy.title}”, for ${who}`;
    });
  const starts = startsAnew(stage);
  const flips = starts || stage === 'dual-writing' || stage === 'backfilling' || stage === 'soaking';
  return [
    ...(starts ? lines(flags.dualWrite, 'start') : []),
    ...(flips ? lines(flags.default, 'flip') : []),
    ...(stage === 'completed' ? [] : [`complete: ${flags.dualWrite} loses “dualpath: ${cohort.name}”`]),
  ];
}

const shortList = (values: readonly string[]): string =>
  values.length > 4 ? `${values.slice(0, 4).join(', ')} and ${values.length - 4} more` : values.join(', ');

const impossible = (
  cohort: CohortConfig,
  policy: 'soak' | 'bake',
  unconvertible: number,
): readonly string[] =>
  impossibleGates(cohort[policy], unconvertible).map(
    (each) => `${policy} ${each.gate} passes ${each.passes}: ${each.because}. ${each.remedy}`,
  );
