import type { Condition } from '../core/conditions.ts';
import type { Gate } from '../core/gates.ts';
import type { Stage, Status, Verdict } from '../core/model.ts';
import type { TakenStep } from '../core/taken-step.ts';
import type { UnmirroredDocument } from '../documents/unmirrored.ts';
import type { UnsyncedDevice } from '../documents/unsynced.ts';

/** The JSON that other programs read. Counts are numbers, ids strings, times ISO 8601; fields are only ever added. */
export interface StatusReport {
  readonly cohorts: readonly CohortStatus[];
}

export interface CohortStatus {
  readonly name: string;
  readonly stage: Stage;
  readonly status: Status;
  readonly authority: 'legacy' | 'mixed' | 'local-first';
  /** Users whose first matching cohort this is. */
  readonly members: number;
  /** Documents that entered or left and are not taken along yet. */
  readonly moving: number;
  readonly documents: {
    readonly total: number;
    readonly migrated: number;
    readonly proven: number;
    readonly quarantined: number;
    readonly drift: number;
    /** Of those migrated, where local-first is right: what a cutover has moved, and a rollback not yet. */
    readonly localFirst: number;
  };
  readonly gates: readonly Gate[];
  readonly waitingFor: readonly string[];
  readonly since: string;
  readonly lease: { readonly holder: string; readonly until: string } | null;
}

/** What a command that moves a cohort answers: where it stands now and why it went no further. */
export interface MoveReport extends StatusReport {
  readonly outcome: 'moved' | 'done' | 'failed' | 'not-yet' | 'would';
  readonly because: string;
  /** What to do about it, where it was refused. */
  readonly remedy?: string;
  readonly steps: readonly string[];
  /** Of `rollback --dry-run`: documents with something that a legacy editor would not show; it stays in their state. */
  readonly wouldLose?: readonly string[];
  /** Of `rollback --dry-run`: what these hold that the legacy format has no place for, in constructs. */
  readonly unmirrored?: readonly UnmirroredDocument[];
  /** Of `rollback --dry-run`: documents whose two sides differ now, and would both be kept. */
  readonly bothVersionsKept?: number;
  /** Of `rollback --dry-run`: devices that said of themselves that they hold unsynced edits, up to a thousand a cohort. */
  readonly unsynced?: readonly UnsyncedDevice[];
  readonly unsyncedTotal?: number;
  /** Of `rollback --dry-run`: later cohorts that would go back first, though they were not named. */
  readonly takenAlong?: readonly string[];
}

/** What `run --watch` tells as it happens; the last line is its report, with the event `ended`. */
export type RunEvent =
  | ({ readonly event: 'step'; readonly at: string } & TakenStep)
  | (StatusReport & {
      readonly event: 'waiting';
      readonly at: string;
      readonly outcome: 'failed' | 'not-yet' | 'held';
      readonly because: string;
      readonly remedy?: string;
    });

export interface SoakReport {
  readonly verdict: Verdict;
  readonly cohorts: readonly SoakedCohort[];
  /** Why the flags could not be asked in these rounds; null where they were. */
  readonly unreachable: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  /** Why no round was made at all: only in a report file, for the command itself ends with it. */
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
}

export interface SoakedCohort {
  readonly name: string;
  readonly stage: Stage;
  readonly verdict: Verdict;
  readonly observations: number;
  readonly mismatches: number;
  readonly upperBound: number | null;
  readonly gates: readonly Gate[];
}

export interface WhyReport {
  readonly cohort: string;
  readonly stage: Stage;
  readonly status: Status;
  /** When it entered the stage. */
  readonly since: string;
  readonly gates: readonly ExplainedGate[];
  /** What is unmet besides the gates: an approval, a pause, a flag changed by someone else. */
  readonly conditions: readonly Condition[];
  readonly waitingFor: readonly string[];
}

export interface ExplainedGate extends Gate {
  /** What a person does, or waits for, to have it pass. */
  readonly clears: string;
}

export interface PlanReport {
  readonly cohorts: readonly PlannedCohort[];
  readonly warnings: readonly string[];
}

export interface PlannedCohort {
  readonly name: string;
  readonly stage: Stage;
  readonly members: number;
  readonly documents: number;
  readonly bytes: number;
  /** Documents that people of another cohort work on too. */
  readonly shared: number;
  readonly exact: number;
  /** Listed up to a thousand; the totals count them all. */
  readonly normalised: readonly { readonly document: string; readonly notes: readonly string[] }[];
  readonly normalisedTotal: number;
  readonly unconvertible: readonly { readonly document: string; readonly reason: string }[];
  readonly unconvertibleTotal: number;
  /** Documents whose local-first side holds what their legacy row has no place for, in constructs. */
  readonly unmirrored: readonly UnmirroredDocument[];
  readonly unmirroredTotal: number;
  readonly flagChanges: readonly string[];
  readonly impossibleGates: readonly string[];
  /** Seconds the backfill would take at the measured speed of conversion; null when nothing is there to copy. */
  readonly forecastSeconds: number | null;
}

export interface DoctorReport {
  readonly healthy: boolean;
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}
