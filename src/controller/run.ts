import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../core/observation.ts';
import type { CohortStatus, MoveReport, RunEvent } from '../report/reports.ts';
import { foresee, type Reconciled } from '../rollout/reconcile.ts';
import type { Session } from '../rollout/session.ts';
import { attempt, report } from './move.ts';
import { requireCohorts } from './require-cohorts.ts';
import { soakCohort } from './soak.ts';
import { statusOf } from './status.ts';

/** `run --watch` looks again this often: soak rounds are cheap, and a flag changed by hand should be noticed soon. */
const WATCH_MS = 2_000;

export interface RunOptions {
  readonly watch: boolean;
  readonly dryRun: boolean;
  /** Told of each step as it is taken and, while it watches, of what is waited for whenever that changes. */
  readonly tell?: ((event: RunEvent) => void) | undefined;
}

/**
 * Moves all cohorts in order until each is done or waiting; a soaking or baking one gets its round first. With `watch`
 * it stays until all are completed.
 */
export async function run(
  session: Session,
  cohorts: readonly string[],
  options: RunOptions,
): Promise<MoveReport> {
  requireCohorts(session, cohorts);
  const names = session.stores.config.cohorts
    .map((cohort) => cohort.name)
    .filter((name) => cohorts.length === 0 || cohorts.includes(name));
  if (options.dryRun) return foreseeRun(session, names);
  const telling = tellingSteps(session, options.tell);
  const tellWaiting = options.watch && options.tell ? whenChanged(session, names, options.tell) : null;
  const steps: string[] = [];
  while (true) {
    const round: Reconciled[] = [];
    for (const name of names) {
      await soakCohort(telling, name);
      round.push(await attempt(telling, name, 'advance'));
    }
    const taken = round.flatMap((each) => each.steps);
    steps.push(...taken);
    const first = firstOpen(round);
    if (!first) return report(session, names, steps, ALL_COMPLETED, false);
    if (!options.watch && taken.length === 0) return report(session, names, steps, standing(first), false);
    if (options.watch) session.progress(standstill(first));
    await tellWaiting?.(first);
    await sleep(options.watch ? WATCH_MS : 0, undefined, { signal: session.signal });
  }
}

const ALL_COMPLETED: Decision = { done: true, because: 'Every cohort is completed' };

async function foreseeRun(session: Session, names: readonly string[]): Promise<MoveReport> {
  const round: Reconciled[] = [];
  for (const name of names) {
    const decision = await foresee(session, name, 'advance');
    if ('action' in decision) return report(session, names, [], decision, true);
    round.push({ cohort: name, decision, steps: [] });
  }
  const first = firstOpen(round);
  return report(session, names, [], first ? standing(first) : ALL_COMPLETED, true);
}

/** A cohort that fails is told before one that waits, wherever they stand in the order. */
function firstOpen(round: readonly Reconciled[]): Reconciled | undefined {
  const open = round.filter(({ decision }) => !('done' in decision));
  return open.find(({ decision }) => 'refuse' in decision) ?? open[0];
}

/** Of several cohorts one is told, so it says of which it is. */
function standing(reconciled: Reconciled): Reconciled['decision'] {
  const { decision } = reconciled;
  return 'wait' in decision ? { ...decision, because: standstill(reconciled) } : decision;
}

function standstill({ cohort, decision }: Reconciled): string {
  if ('refuse' in decision) return `${cohort}: ${decision.refuse}`;
  return 'wait' in decision ? `${cohort} waits for ${decision.wait.join('; ')}` : `${cohort}: nothing to do`;
}

const now = (): string => new Date().toISOString();

function tellingSteps(session: Session, tell: RunOptions['tell']): Session {
  if (!tell) return session;
  return {
    ...session,
    note(line, step) {
      session.note(line, step);
      tell({ event: 'step', at: now(), ...step });
    },
  };
}

/** Tells what is waited for, but not the same twice: clocks go on and saves come in without anything having happened. */
function whenChanged(
  session: Session,
  names: readonly string[],
  tell: (event: RunEvent) => void,
): (first: Reconciled) => Promise<void> {
  let told = '';
  return async (first) => {
    const { cohorts } = await statusOf(session, names);
    const { decision } = first;
    const outcome = 'refuse' in decision ? OUTCOMES[decision.exitKind] : 'not-yet';
    const key = JSON.stringify([first.cohort, outcome, cohorts.map(happened)]);
    if (key === told) return;
    told = key;
    const remedy = 'done' in decision ? undefined : decision.remedy;
    tell({
      event: 'waiting',
      at: now(),
      cohorts,
      outcome,
      because: standstill(first),
      ...(remedy ? { remedy } : {}),
    });
  };
}

const OUTCOMES = { proof: 'failed', 'not-yet': 'not-yet', held: 'held' } as const;

const happened = ({ name, stage, status, authority, moving, documents, gates }: CohortStatus): unknown => [
  [name, stage, status, authority, moving],
  [documents.migrated, documents.quarantined, documents.drift],
  gates.map(({ gate, verdict }) => [gate, verdict]),
];
