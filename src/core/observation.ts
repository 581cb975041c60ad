import type { Gate } from './gates.ts';
import type { Authority, FlagRole, Stage, Status } from './model.ts';
import type { ApprovalPolicy, BakePolicy } from './policy.ts';
import type { Standing } from './rollout-order.ts';
import type { Trigger } from './stages.ts';
import type { FlagWrite, Move } from './transitions.ts';

/**
 * One flag of one cohort as it was seen. `on` and `off`: what dualpath last confirmed for it (written, and read back
 * through the SDK), and the provider still serves. `unconfirmed`: a write of it was begun and its outcome never recorded, so it
 * may be either. `drifted`: the provider serves what dualpath never asked for. `unknown`: it could not be seen.
 */
export type FlagReading = 'on' | 'off' | 'unconfirmed' | 'drifted' | 'unknown';

/** All that `decide` knows of a cohort, read afresh before each decision: nothing is remembered between two steps. */
export interface CohortObservation {
  readonly name: string;
  readonly stage: Stage;
  readonly status: Status;
  readonly standing: Standing;
  readonly approval: ApprovalPolicy;
  readonly onFail: BakePolicy['onFail'];
  /** Whose writes are judged; left out: the library's. */
  readonly writePath?: 'library' | 'own';
  /** As judged in this stage and since its clock began; empty where nothing is judged. */
  readonly gates: readonly Gate[];
  readonly flags: Readonly<Record<FlagRole, FlagReading>>;
  /** Documents of unfinished chunks of this start. A start whose chunks are not laid out yet has all of them left. */
  readonly backfill: { readonly remaining: number };
  /** Documents outside quarantine without a local-first row, by set difference. */
  readonly missing: number;
  /** Captures of its documents that are older than the end of the backfill: later ones are for the rounds to take in. */
  readonly behind: number;
  /** A full comparison has finished since the cohort was started this time. */
  readonly verified: boolean;
  /** Documents whose sides differ at settled revisions. */
  readonly drift: number;
  /** Seeded documents: on legacy outside quarantine, and on local-first in quarantine or out of it. */
  readonly authority: { readonly legacy: number; readonly localFirst: number };
}

/** What a person asks for, and what `run` asks: whatever is due and approved. */
export const ASKS = ['start', 'flip', 'complete', 'rollback', 'advance'] as const;
export type Ask = (typeof ASKS)[number];

/**
 * One step. Each can be done again after a crash without harm, and leaves the next observation different.
 * `set-flag` journals what it intends, writes, reads back and confirms; `confirm-flag` looks at what became of a write and records
 * that, without writing; `roll-back-first` asks `rollback` of those cohorts, in that order.
 */
export type Action =
  | { readonly do: 'enter'; readonly from: Stage; readonly to: Stage; readonly trigger: Trigger }
  | ({ readonly do: 'set-flag' } & FlagWrite)
  | { readonly do: 'confirm-flag'; readonly role: FlagRole }
  | { readonly do: 'backfill' }
  | { readonly do: 'catch-up' }
  | { readonly do: 'verify' }
  | { readonly do: 'move-authority'; readonly to: Authority }
  | { readonly do: 'roll-back-first'; readonly cohorts: readonly string[] };

/** `proof`: look at the documents (exit 3); `not-yet`: come back later (4); `held`: someone has to decide (5). */
export type ExitKind = 'proof' | 'not-yet' | 'held';

export interface Act {
  readonly action: Action;
  readonly because: string;
}
export interface Wait {
  /** Each to be read after "waits for". */
  readonly wait: readonly string[];
  readonly because: string;
  /** What a person can do about it; absent where it is the stage's own turn. */
  readonly remedy?: string;
  readonly retryAt?: string;
}
export interface Refuse {
  readonly refuse: string;
  readonly remedy: string;
  readonly exitKind: ExitKind;
  /** Each by itself, where there are several; a list of them need not name the cohort again. */
  readonly reasons?: readonly string[];
  /** It is refused only because a flag could not be seen: whoever looked knows why. */
  readonly unseen?: true;
}
export interface Done {
  readonly done: true;
  readonly because: string;
}
export type Decision = Act | Wait | Refuse | Done;

export const act = (action: Action, because: string): Act => ({ action, because });
export const done = (because: string): Done => ({ done: true, because });
export const refuse = (exitKind: ExitKind, reason: string, remedy: string): Refuse => ({
  refuse: reason,
  remedy,
  exitKind,
});
export const enter = (from: Stage, trigger: Trigger, { to, because }: Move): Act =>
  act({ do: 'enter', from, to, trigger }, because);
