import { decide, waitingFor } from '../core/decide.ts';
import type { Stage } from '../core/model.ts';
import type { Ask, CohortObservation } from '../core/observation.ts';
import { STEPS } from '../core/steps.ts';
import { countMembers } from '../documents/census.ts';
import { clearsBy } from '../report/clears.ts';
import { flagSentences } from '../report/flag-sentences.ts';
import type { StatusReport, WhyReport } from '../report/reports.ts';
import { cohortStatus, countDocuments } from '../report/status.ts';
import { observe, overlook } from '../rollout/observe.ts';
import type { Session } from '../rollout/session.ts';

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
  if (stage in STEPS) return [`\`${ask}\` to be run again, for it was interrupted`];
  if (ask === 'flip' || ask === 'complete')
    return [approval[ask] === 'manual' ? `approval: ${ask}` : `\`run\`, or \`${ask}\``];
  return [ask];
}

/** Where cohorts stand and what they wait for; all of them when none is named. Changes nothing. */
export async function statusOf(session: Session, cohorts: readonly string[]): Promise<StatusReport> {
  const { pool, stores } = session;
  const names = stores.config.cohorts
    .map((cohort) => cohort.name)
    .filter((name) => cohorts.length === 0 || cohorts.includes(name));
  const counts = await countDocuments(pool);
  const members = new Map((await countMembers(pool, stores)).map((count) => [count.cohort, count]));
  const overview = await overlook(session);
  const moved = overview.records.some(({ lease }) => lease?.held);
  const doubts = Object.values(overview.sights).flatMap((sight) => flagSentences(sight, moved));
  const lines = [];
  for (const name of names) {
    const { record, observation, moving } = await observe(session, name, overview);
    const holder = record.lease?.held ? record.lease.holder : null;
    const seen = {
      members: members.get(name)?.members ?? 0,
      documents: members.get(name)?.documents ?? 0,
      moving,
      gates: observation.gates,
      // While somebody moves it, what it waits for is that.
      waitingFor: holder ? [`${holder}, who is moving it`] : [...awaited(observation), ...doubts],
    };
    lines.push(cohortStatus(record, counts.get(name), seen));
  }
  return { cohorts: lines };
}

export async function why(session: Session, cohort: string): Promise<WhyReport> {
  const { cohorts } = await statusOf(session, [cohort]);
  const [status] = cohorts;
  if (!status) throw new Error(`cohort ${cohort} has no status`);
  const { stage, since, gates, waitingFor: waiting } = status;
  return {
    cohort,
    stage,
    status: status.status,
    since,
    gates: gates.map((gate) => ({ ...gate, clears: clearsBy(gate, cohort) })),
    waitingFor: waiting,
  };
}
