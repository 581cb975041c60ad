import type { Stage } from '../core/model.ts';
import { type Ask, type Decision, type Refuse, refuse } from '../core/observation.ts';
import { rollbackOrder } from '../core/rollout-order.ts';
import { isStarted } from '../core/stages.ts';
import { HeldError, ProofError } from '../errors.ts';
import type { MoveReport } from '../report/reports.ts';
import { readCohortRecords, withUnrecorded } from '../rollout/cohort-records.ts';
import { describeAction } from '../rollout/describe-action.ts';
import { describeRollback, foreseeRollback } from '../rollout/foresee-rollback.ts';
import { foresee, type Reconciled, reconcile } from '../rollout/reconcile.ts';
import type { Session } from '../rollout/session.ts';
import { requireCohorts } from './require-cohorts.ts';
import { statusOf } from './status.ts';

/** Asks one thing of one cohort, and says how far it came. */
export async function move(session: Session, cohort: string, ask: Ask, dryRun: boolean): Promise<MoveReport> {
  requireCohorts(session, [cohort]);
  if (dryRun) return report(session, [cohort], [], await foresee(session, cohort, ask), true);
  const { decision, steps } = await attempt(session, cohort, ask);
  return report(session, [cohort], steps, decision, false);
}

/** Drift that only the cutover itself meets is a result like that of a gate, with where the cohort stands now. */
export async function attempt(session: Session, cohort: string, ask: Ask): Promise<Reconciled> {
  try {
    return await reconcile(session, cohort, ask);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { cohort, decision: refuse('proof', error.message, error.remedy), steps: [] };
  }
}

/** Rolls cohorts back, the last one first; `all` are those that can be. */
export async function rollBack(
  session: Session,
  cohorts: readonly string[] | 'all',
  dryRun: boolean,
): Promise<MoveReport> {
  const records = withUnrecorded(await readCohortRecords(session.pool), session.stores.config.cohorts);
  if (cohorts !== 'all') requireCohorts(session, cohorts);
  const asked = records
    .filter(({ name, stage }) => (cohorts === 'all' ? canGoBack(stage) : cohorts.includes(name)))
    .map((record) => record.name);
  // Where one takes later ones back first, they are moved and reported too.
  const names = rollbackOrder(
    records.map((record) => ({ ...record, gatesPass: false })),
    asked,
  );
  if (dryRun) return foreseeRolledBack(session, names, asked);
  let last: Decision = NOTHING_TO_ROLL_BACK;
  const steps: string[] = [];
  for (const name of names) {
    const reconciled = await attempt(session, name, 'rollback');
    last = reconciled.decision;
    steps.push(...reconciled.steps);
    if (!('done' in last)) break;
  }
  const several = names.length > 1 && 'done' in last;
  return report(session, names, steps, several ? allBack(names) : last, false);
}

/** Names those that were taken along too: whoever asked for one has to know of them. */
const allBack = (names: readonly string[]): Decision => ({
  done: true,
  because: `${names.join(', ')} are rolled-back`,
});

const NOTHING_TO_ROLL_BACK: Decision = { done: true, because: 'No cohort is there to roll back' };

const canGoBack = (stage: Stage): boolean =>
  isStarted(stage) && stage !== 'completed' && stage !== 'rolled-back';

/** What a rollback would do, what legacy editors would not show after it, and who still holds edits. */
async function foreseeRolledBack(
  session: Session,
  names: readonly string[],
  asked: readonly string[],
): Promise<MoveReport> {
  const { steps, refused, ...foreseen } = await foreseeRollback(session, names);
  if (refused) return report(session, names, [], refused, true);
  const common = await report(session, names, steps, NOTHING_TO_ROLL_BACK, true);
  if (steps.length === 0) return common;
  const takenAlong = names.filter((name) => !asked.includes(name));
  return {
    ...common,
    because: describeRollback(foreseen, takenAlong),
    wouldLose: foreseen.unmirrored.map(({ document }) => document),
    ...foreseen,
    takenAlong,
  };
}

/** Where the cohorts stand now, and what became of what was asked of them. */
export async function report(
  session: Session,
  cohorts: readonly string[],
  steps: readonly string[],
  decision: Decision,
  dryRun: boolean,
): Promise<MoveReport> {
  const { cohorts: statuses } = await statusOf(session, cohorts);
  const common = { cohorts: statuses, steps };
  if ('action' in decision)
    return {
      ...common,
      outcome: 'would',
      steps: [...steps, describeAction(decision.action)],
      because: decision.because,
    };
  if ('done' in decision) {
    const outcome = dryRun && steps.length > 0 ? 'would' : steps.length > 0 ? 'moved' : 'done';
    return { ...common, outcome, because: decision.because };
  }
  if ('wait' in decision)
    return {
      ...common,
      outcome: 'not-yet',
      because: decision.because,
      ...(decision.remedy ? { remedy: decision.remedy } : {}),
    };
  return {
    ...common,
    outcome: refusedAs(decision),
    because: decision.refuse,
    remedy: decision.remedy,
  };
}

/** What somebody has to decide is an error; what the gates say is a result. */
function refusedAs(refusal: Refuse): 'failed' | 'not-yet' {
  if (refusal.exitKind === 'proof') return 'failed';
  if (refusal.exitKind === 'not-yet') return 'not-yet';
  throw new HeldError('held', `${sentence(refusal.refuse)}`, refusal.remedy);
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
