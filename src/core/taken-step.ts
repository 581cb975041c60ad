import type { Stage } from './model.ts';

/** A step of a cohort that was taken, in words for people. */
export interface TakenStep {
  readonly cohort: string;
  readonly did: string;
  /** The stage that the cohort entered by it, if it entered one. */
  readonly entered: Stage | null;
}
