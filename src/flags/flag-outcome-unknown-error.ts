import { DualpathError } from '../errors.ts';

/**
 * A write was sent and its answer never came: it may have happened, or may still. The next call reads back before it
 * writes anything, so calling again is right; assuming either outcome is not.
 */
export class FlagOutcomeUnknownError extends DualpathError {
  constructor(message: string, details: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(
      'flag-outcome-unknown',
      message,
      'Run the command again: it looks at the flag first and goes on from what it finds.',
      { details, exitCode: 5, retryable: true, cause },
    );
  }
}
