import { DualpathError } from '../errors.ts';
import type { SoakReport } from './reports.ts';

/** The report of a soak that ended before it could judge: whoever reads the file learns why there is nothing in it. */
export function failedSoak(error: unknown): SoakReport {
  const { code, message, remedy } =
    error instanceof DualpathError
      ? error
      : {
          code: 'internal',
          message: `The soak ended early: ${error instanceof Error ? error.message : String(error)}.`,
          remedy: 'Run it again.',
        };
  return { verdict: 'error', cohorts: [], unreachable: null, error: { code, message, remedy } };
}
