import type { Strategy } from '../core/flag-plan.ts';
import type { FlagRole } from '../core/model.ts';

/** A user as the flag SDK sees it: its id, and the attributes named in the config (null is absent). */
export interface FlagUser {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string | null>>;
}

/** One entry of the provider's own history, newest first where there are several. */
export interface FlagChange {
  readonly at: string;
  /** Null where the provider does not know. */
  readonly by: string | null;
  readonly what: string;
  readonly kind: 'created' | 'added' | 'removed' | 'changed' | 'switched-on' | 'switched-off' | 'other';
  readonly strategyId?: string;
  readonly title?: string;
}

/** A strategy that bears our title prefix and is exactly of the structure we write. */
export interface OwnStrategy extends Strategy {
  readonly id: string;
}

/** Anything else that bears on the flag. `effective`: it can change somebody's answer. */
export interface ForeignStrategy {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  readonly effective: boolean;
}

/** One flag in one environment, as it stands at the provider. */
export interface FlagObservation {
  readonly flag: string;
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly strategies: readonly OwnStrategy[];
  readonly foreign: readonly ForeignStrategy[];
  /** Newest first; empty where the provider keeps no history or does not show it to this token. */
  readonly changes: readonly FlagChange[];
  readonly lastChange?: FlagChange;
}

/**
 * The two flags of a rollout at their provider. Callers serialise writers (Unleash has no optimistic locking).
 * Every call may throw UnavailableError (6: nothing was written, try again), UsageError (2: token, url, name) and,
 * where it writes, HeldError `flags-changed` (5) and FlagOutcomeUnknownError (5: look again, never assume).
 */
export interface FlagPort {
  readonly provider: 'unleash' | 'file';
  /**
   * Creates what is missing: both flags, the context fields, the guard strategy, and switches the flags on. Safe to
   * repeat. Refuses a flag that would open to somebody, or that somebody switched off.
   */
  prepare(contextFields: readonly string[]): Promise<void>;
  observe(role: FlagRole): Promise<FlagObservation>;
  /**
   * Makes our strategies be `wanted`, adding before removing, so that nobody whose answer stays the same ever gets
   * another in between. `expected` is what we last confirmed: a difference from it that this call does not explain was
   * made by somebody else, and nothing is written. Without it, what is there in our structure is taken as ours.
   */
  apply(role: FlagRole, wanted: readonly Strategy[], expected?: readonly Strategy[]): Promise<void>;
  /**
   * Makes a flag that is gone anew, with exactly these strategies; it is switched on last, so nobody is ever answered by a
   * part of it, and one whose making was interrupted is finished. Refuses a flag that is there.
   */
  recreate(role: FlagRole, strategies: readonly Strategy[], contextFields: readonly string[]): Promise<void>;
  /** The SDK's own answers, in the order of `users`, on the flag as it stands at this moment. */
  evaluate(role: FlagRole, users: readonly FlagUser[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}
