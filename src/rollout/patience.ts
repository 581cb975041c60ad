import { shellWord } from '../core/shell-word.ts';
import { HeldError } from '../errors.ts';
import { endSessions } from '../postgres/end-sessions.ts';
import { namedProcesses } from '../verify/settle.ts';

/** As often as this a step may leave everything as it was: rows that somebody holds may be free the next time. */
const PATIENCE = 3;

/** Ends a step that is done over and over and changes nothing, rather than spin. */
export interface Patience {
  /** @throws HeldError `locked` with the processes that were met, else `no-progress` */
  spend(step: string): void;
  /** Processes that kept rows locked while the step was done. */
  met(holders: readonly number[]): void;
}

export function patienceWith(cohort: string): Patience {
  let last = '';
  let times = 0;
  let holders: readonly number[] = [];
  return {
    spend(step) {
      times = step === last ? times + 1 : 1;
      last = step;
      if (times > PATIENCE) throw holders.length > 0 ? locked(cohort, step, holders) : stuck(cohort, step);
    },
    met(found) {
      holders = found;
    },
  };
}

const locked = (cohort: string, step: string, pids: readonly number[]): HeldError =>
  new HeldError(
    'locked',
    `Cohort ${cohort} gets no further: ${step} is still due, because ${namedProcesses(pids)} ${pids.length > 1 ? 'keep' : 'keeps'} rows locked.`,
    `${endSessions(pids)}, and run the same command again.`,
    { cohort, step, pids },
  );

const stuck = (cohort: string, step: string): HeldError =>
  new HeldError(
    'no-progress',
    `Cohort ${cohort} gets no further: ${step} was done ${PATIENCE} times and is still due.`,
    `Run \`dualpath verify ${shellWord(cohort)}\` and \`dualpath why ${shellWord(cohort)}\` to see which documents, then run the command again.`,
    { cohort, step },
  );
