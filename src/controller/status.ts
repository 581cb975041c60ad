import { checkRecorded } from '../core/cohorts.ts';
import { type Condition, conditionsOf, type Doubt } from '../core/conditions.ts';
import { decide, waitingFor } from '../core/decide.ts';
import type { Stage } from '../core/model.ts';
import type { Ask, CohortObservation } from '../core/observation.ts';
import { shellWord } from '../core/shell-word.ts';
import { STEPS } from '../core/steps.ts';
import { countMembers } from '../documents/census.ts';
import { clearsBy } from '../report/clears.ts';
import { flagDoubts } from '../report/flag-sentences.ts';
import type { CohortStatus, StatusReport, WhyReport } from '../report/reports.ts';
import { cohortStatus, countDocuments } from '../report/status.ts';
import { type CohortRecord, readCohortRecords } from '../rollout/cohort-records.ts';
import { type Observed, observe, overlook } from '../rollout/observe.ts';
import type { Session } from '../rollout/session.ts';
import { countDrift } from '../verify/record.ts';
import { requireCohorts } from './require-cohorts.ts';

/** What would be asked of a cohort next: its refusal is what it waits for. */
const NEXT_ASK: Readonly<Record<Stage, Ask>> = {
  planned: 'start',
  'dual-writing': 'start',
  backfilling: 'start',
  soaking: 'flip',
  'cutting-over': 'flip',
  baking: 'complete',
  completed: 'complete',
  'rolling-back': 'rollback',
  'rolled-back': 'start',
};

/** What keeps a cohort where it is: what is refused, or that nobody asked yet. A completed one waits for nothing. */
function awaited(observation: CohortObservation): readonly string[] {
  const { stage, approval } = observation;
  if (stage === 'completed') return [];
  const ask = NEXT_ASK[stage];
  const decision = decide(observation, ask);
  if (!('action' in decision)) return waitingFor(decision);
  if (stage in STEPS) return [`${ask} to be run again, for it was interrupted`];
  if (ask === 'flip' || ask === 'complete')
    return [approval[ask] === 'manual' ? `approval: ${ask}` : `run, or ${ask}`];
  return [stage === 'rolled-back' ? 'start again, for it was rolled back' : ask];
}

/** A cohort's line, and beside it what only `why` tells. */
interface Line {
  readonly status: CohortStatus;
  readonly conditions: readonly Condition[];
}

/** Where cohorts stand and what they wait for; all of them when none is named. Changes nothing. */
export async function statusOf(session: Session, cohorts: readonly string[]): Promise<StatusReport> {
  return { cohorts: (await linesOf(session, cohorts)).map(({ status }) => status) };
}

/** A started cohort that the file lost is one of them: what was moved is there, whatever the file says. */
async function linesOf(session: Session, cohorts: readonly string[]): Promise<readonly Line[]> {
  const { pool, stores } = session;
  const started = (await readCohortRecords(pool)).filter(({ startedAt }) => startedAt !== null);
  const file = stores.config.cohorts;
  const differences = checkRecorded(started, file);
  const lost = started.filter(({ name }) => !file.some((cohort) => cohort.name === name));
  const inFile = file.map(({ name }, place) => ({ name, place }));
  const names = [...lost, ...inFile].sort((a, b) => a.place - b.place).map(({ name }) => name);
  const counts = await countDocuments(pool, stores);
  const members = new Map((await countMembers(pool, stores)).map((count) => [count.cohort, count]));
  const overview = await overlook(session);
  const moved = overview.records.some(({ lease }) => lease?.held);
  const doubts = {
    dual_write: flagDoubts(overview.sights.dual_write, moved),
    default: flagDoubts(overview.sights.default, moved),
  };
  const lines: Line[] = [];
  for (const name of names.filter((each) => cohorts.length === 0 || cohorts.includes(each))) {
    const record = started.find((each) => each.name === name);
    const odd = differences
      .filter(({ cohort }) => cohort === name)
      .map(({ because }) => notInFile(session, because, record));
    if (record && lost.includes(record)) {
      lines.push(lostLine(record, counts.get(name), odd));
      continue;
    }
    const observed = await observe(session, name, overview);
    const seen = { ...countsOf(members.get(name)), moving: observed.moving };
    lines.push(lineOf(observed, counts.get(name), seen, { doubts, odd }));
  }
  return lines;
}

const countsOf = (count: { readonly members: number; readonly documents: number } | undefined) => ({
  members: count?.members ?? 0,
  documents: count?.documents ?? 0,
});

type DocumentCounts = Parameters<typeof cohortStatus>[1];

interface Trouble {
  readonly doubts: Readonly<Record<'dual_write' | 'default', readonly Doubt[]>>;
  /** How the file differs from what the cohort was started with. */
  readonly odd: readonly Condition[];
}

function lineOf(
  { record, observation }: Observed,
  counts: DocumentCounts,
  seen: { readonly members: number; readonly documents: number; readonly moving: number },
  { doubts, odd }: Trouble,
): Line {
  const holder = record.lease?.held ? record.lease.holder : null;
  const { stageSince, pausedSince } = record;
  const conditions = conditionsOf(observation, { stageSince, pausedSince, doubts });
  const reasons = [...doubts.dual_write, ...doubts.default].map(({ because }) => because);
  // While somebody moves it, what it waits for is that.
  const waiting = holder ? [`${holder}, who is moving it`] : [...awaited(observation), ...reasons];
  return {
    status: cohortStatus(record, counts, {
      ...seen,
      gates: observation.gates,
      waitingFor: [...odd.map(({ because }) => because), ...waiting],
    }),
    conditions: [
      ...odd,
      ...(holder ? [moving(record.name, holder)] : []),
      ...conditions.filter(({ condition }) => !holder || condition !== 'unfinished'),
    ],
  };
}

const lostLine = (record: CohortRecord, counts: DocumentCounts, odd: readonly Condition[]): Line => ({
  status: cohortStatus(record, counts, {
    members: 0,
    documents: 0,
    moving: 0,
    gates: [],
    waitingFor: odd.map(({ because }) => `${because}: put it back`),
  }),
  conditions: odd,
});

const moving = (cohort: string, holder: string): Condition => ({
  condition: 'lease',
  observed: holder,
  wanted: 'nobody',
  because: `${holder} is moving it`,
  since: null,
  clears: `its end; \`dualpath pause ${shellWord(cohort)}\` takes over at once`,
});

/** JSON is YAML: what was recorded can be pasted into the file as it is. */
function notInFile({ loaded }: Session, because: string, record: CohortRecord | undefined): Condition {
  const recorded = record ? JSON.stringify({ name: record.name, ...record.definition }) : '';
  const place = (record?.place ?? 0) + 1;
  return {
    condition: 'in-file',
    observed: 'another file',
    wanted: 'the file that it was started with',
    because,
    since: null,
    clears: `putting it back in ${loaded.path} as number ${place} of the cohorts: - ${recorded}`,
  };
}

/** Every unmet condition of a cohort, gates and others, with what would clear it. */
export async function why(session: Session, cohort: string): Promise<WhyReport> {
  const [line] = await linesOf(session, [cohort]);
  if (!line) throw new Error(`cohort ${cohort} has no status`);
  const { stage, status, since, gates, waitingFor: waiting } = line.status;
  const { total, extra } = await countDrift(session.pool, cohort);
  return {
    cohort,
    stage,
    status,
    since,
    gates: gates.map((gate) => ({ ...gate, clears: clearsBy(gate, cohort, { drift: total, extra }) })),
    conditions: line.conditions,
    waitingFor: waiting,
  };
}

/** @throws UsageError `unknown-cohort` (exit 2) for one that neither the file has nor was ever started. */
export async function requireKnown(session: Session, names: readonly string[]): Promise<void> {
  const started = (await readCohortRecords(session.pool)).filter(({ startedAt }) => startedAt !== null);
  requireCohorts(
    session,
    names.filter((name) => !started.some((record) => record.name === name)),
  );
}
