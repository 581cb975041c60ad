import { setTimeout as sleep } from 'node:timers/promises';
import { waitingFor } from '../core/decide.ts';
import type { Ask, Decision, Refuse } from '../core/observation.ts';
import { isStarted } from '../core/stages.ts';
import { HeldError, UsageError } from '../errors.ts';
import type { MoveReport } from '../report/reports.ts';
import { readCohortRecords } from '../rollout/cohort-records.ts';
import { describeAction } from '../rollout/describe-action.ts';
import { foresee, type Reconciled, reconcile } from '../rollout/reconcile.ts';
import type { Session } from '../rollout/session.ts';
import { soakCohort } from './soak.ts';
import { statusOf } from './status.ts';

/** `run --watch` looks again this often: soak rounds are cheap, and a flag changed by hand should be noticed soon. */
const WATCH_MS = 2_000;

/** Asks one thing of one cohort, and says how far it came. */
export async function move(session: Session, cohort: string, ask: Ask, dryRun: boolean): Promise<MoveReport> {
  requireCohorts(session, [cohort]);
  if (dryRun) return report(session, [cohort], [], await foresee(session, cohort, ask), true);
  const { decision, steps } = await reconcile(session, cohort, ask);
  return report(session, [cohort], steps, decision, false);
}

/** Rolls cohorts back, the last one first; `all` are those that can be. */
export async function rollBack(
  session: Session,
  cohorts: readonly string[] | 'all',
  dryRun: boolean,
): Promise<MoveReport> {
  const records = await readCohortRecords(session.pool);
  if (cohorts !== 'all') requireCohorts(session, cohorts);
  const names = records
    .filter(({ name, stage }) =>
      cohorts === 'all'
        ? isStarted(stage) && stage !== 'completed' && stage !== 'rolled-back'
        : cohorts.includes(name),
    )
    .map((record) => record.name)
    .reverse();
  let last: Decision = { done: true, because: 'no cohort is there to roll back' };
  const steps: string[] = [];
  for (const name of names) {
    if (dryRun) {
      last = await foresee(session, name, 'rollback');
      if ('action' in last) steps.push(`${name}: ${describeAction(last.action)}`);
      continue;
    }
    const reconciled = await reconcile(session, name, 'rollback');
    last = reconciled.decision;
    steps.push(...reconciled.steps);
  }
  return report(session, names, steps, last, dryRun);
}

/**
 * Moves all cohorts in order until each is done or waiting; a soaking or baking one gets its round first. With `watch`
 * it stays until all are completed.
 */
export async function run(
  session: Session,
  cohorts: readonly string[],
  options: { readonly watch: boolean; readonly dryRun: boolean },
): Promise<MoveReport> {
  requireCohorts(session, cohorts);
  const names = session.stores.config.cohorts
    .map((cohort) => cohort.name)
    .filter((name) => cohorts.length === 0 || cohorts.includes(name));
  const steps: string[] = [];
  while (true) {
    const round: Reconciled[] = [];
    for (const name of names) {
      if (options.dryRun) {
        const decision = await foresee(session, name, 'advance');
        if ('action' in decision) return report(session, names, [], decision, true);
        round.push({ cohort: name, decision, steps: [] });
        continue;
      }
      await soakCohort(session, name);
      round.push(await reconcile(session, name, 'advance'));
    }
    const taken = round.flatMap((each) => each.steps);
    steps.push(...taken);
    const open = round.filter(({ decision }) => !('done' in decision));
    const [first] = open;
    if (!first)
      return report(session, names, steps, { done: true, because: 'every cohort is completed' }, false);
    if (!options.watch && taken.length === 0)
      return report(session, names, steps, first.decision, options.dryRun);
    await sleep(options.watch ? WATCH_MS : 0, undefined, { signal: session.signal });
  }
}

async function report(
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
    return { ...common, outcome: 'not-yet', because: waitingFor(decision).join('; ') || decision.because };
  return { ...common, outcome: refusedAs(decision), because: `${decision.refuse}. ${decision.remedy}` };
}

/** What somebody has to decide is an error; what the gates say is a result. */
function refusedAs(refusal: Refuse): 'failed' | 'not-yet' {
  if (refusal.exitKind === 'proof') return 'failed';
  if (refusal.exitKind === 'not-yet') return 'not-yet';
  throw new HeldError('held', `${sentence(refusal.refuse)}`, refusal.remedy);
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** @throws UsageError `unknown-cohort` (exit 2) naming the ones there are. */
export function requireCohorts(session: Session, names: readonly string[]): void {
  const known = session.stores.config.cohorts.map((cohort) => cohort.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    'unknown-cohort',
    `There is no cohort ${JSON.stringify(unknown)} in ${session.loaded.path}.`,
    `Use one of: ${known.join(', ')}.`,
    { cohort: unknown },
  );
}
