/** What a cohort must show before it moves on. Durations are whole milliseconds, rates and confidence fractions of 1. */
export interface SoakPolicy {
  readonly durationMs: number;
  readonly minObservations: number;
  readonly maxMismatchRate: number;
  readonly confidence: number;
  readonly maxEvidenceAgeMs: number;
  readonly maxQuarantined: number;
}

export interface BakePolicy extends SoakPolicy {
  readonly onFail: 'hold' | 'roll-back';
}

export type Approval = 'manual' | 'auto';

/** Who takes a step whose gates pass: a person, or `run`. */
export interface ApprovalPolicy {
  readonly flip: Approval;
  readonly complete: Approval;
}
