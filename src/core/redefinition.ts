import { type CohortDifference, checkRecorded, type DefinedCohort, type RecordedCohort } from './cohorts.ts';
import type { Stage } from './model.ts';
import { isStarted } from './stages.ts';

/** A cohort as it is recorded, with where it stands. */
export interface StandingCohort extends RecordedCohort {
  readonly stage: Stage;
}

/** How the file differs from the record: what is refused, with what to do, and what is recorded anew. */
export interface Differences {
  readonly refused: readonly (CohortDifference & { readonly remedy: string })[];
  /** Another definition of cohorts that are rolled back: nothing rests on the old one any more. */
  readonly redefined: readonly CohortDifference[];
}

/**
 * Parts the differences by what rests on them. A cohort's definition decides who is in it and who is left for those after
 * it, so it is held while it or a later one is between `dual-writing` and `completed`; a planned cohort before one of
 * those is held too. A cohort that was ever started keeps its name and its place.
 */
export function differencesOf(
  records: readonly StandingCohort[],
  file: readonly DefinedCohort[],
): Differences {
  const started = records.filter(({ stage }) => isStarted(stage));
  const lastStarted = Math.max(-1, ...started.map(({ place }) => place));
  const known = records.filter(({ place }) => place <= lastStarted);
  const refused: (CohortDifference & { readonly remedy: string })[] = [];
  const redefined: CohortDifference[] = [];
  for (const difference of checkRecorded(known, file)) {
    const cohort = known.find(({ name }) => name === difference.cohort);
    const holders = started.filter(
      ({ place, stage }) => stage !== 'rolled-back' && place >= (cohort?.place ?? 0),
    );
    if (difference.kind !== 'definition')
      refused.push({
        ...difference,
        remedy: 'Put the file back; new cohorts may be added after those that were started.',
      });
    else if (holders.length > 0)
      refused.push({ ...difference, remedy: wayToChange(difference.cohort, holders) });
    else if (cohort && isStarted(cohort.stage)) redefined.push(difference);
  }
  return { refused, redefined };
}

/** The file comes first, for with it as it is a rollback is refused as well. */
function wayToChange(cohort: string, holders: readonly StandingCohort[]): string {
  const completed = holders.find(({ stage }) => stage === 'completed');
  if (completed)
    return `Put the file back: ${completed.name} is completed, so who is in ${cohort} cannot change any more. New cohorts may be added at the end.`;
  const names = holders.map(({ name }) => name).join(' ');
  return `Put the file back. To change ${cohort}, then run \`dualpath rollback ${names} --reason "why"\`, change the file, and \`dualpath start ${cohort}\`.`;
}
