import type { Stage, TakenStep } from '../../controller.ts';

/** Where a cohort comes to rest. */
const RESTS: readonly Stage[] = ['soaking', 'baking', 'completed', 'rolled-back'];

/** A line where a cohort comes to rest, with what was done on the way, instead of one for each step. */
export function milestones(note: (line: string) => void): (step: TakenStep) => void {
  const done = new Map<string, readonly string[]>();
  return ({ cohort, did, entered }) => {
    const before = done.get(cohort) ?? [];
    if (entered === null) done.set(cohort, [...before, did]);
    else if (RESTS.includes(entered)) {
      done.delete(cohort);
      note(`${cohort} is ${entered}: ${before.join(', ')}`);
    }
  };
}
