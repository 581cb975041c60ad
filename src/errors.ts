/**
 * Every failure a caller can act on. `message` says what happened and why, in one sentence; `remedy` what to do,
 * in one sentence; `details` carries the facts as fields. Nothing here holds document content or a secret.
 */
export class DualpathError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Trying the same call again, unchanged, can succeed. */
  readonly retryable: boolean;
  /** The exit code of the command line, as documented in docs/operations.md. */
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    remedy: string,
    options: {
      details?: Readonly<Record<string, unknown>>;
      retryable?: boolean;
      exitCode?: ExitCode;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = remedy;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
    this.exitCode = options.exitCode ?? 1;
  }
}

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143;

type Facts = Readonly<Record<string, unknown>>;

/** The command line, the config file or the database does not fit what was asked: mend the input. */
export class UsageError extends DualpathError {
  constructor(code: string, message: string, remedy: string, details?: Facts) {
    super(code, message, remedy, { details, exitCode: 2 });
  }
}

/** A gate failed, drift stands, or the evidence is too old: look at the documents. */
export class ProofError extends DualpathError {
  constructor(code: string, message: string, remedy: string, details?: Facts) {
    super(code, message, remedy, { details, exitCode: 3 });
  }
}

/** Time, samples or an approval are still missing: come back later. */
export class NotYetError extends DualpathError {
  constructor(code: string, message: string, remedy: string, details?: Facts) {
    super(code, message, remedy, { details, exitCode: 4, retryable: true });
  }
}

/** Somebody or something else holds this: a lease, a flag changed by hand, an unknown authority, the stage itself. */
export class HeldError extends DualpathError {
  constructor(code: string, message: string, remedy: string, details?: Facts) {
    super(code, message, remedy, { details, exitCode: 5 });
  }
}

/** A database or flag server cannot be reached, or did not answer in time. */
export class UnavailableError extends DualpathError {
  constructor(code: string, message: string, remedy: string, details?: Facts, cause?: unknown) {
    super(code, message, remedy, { details, exitCode: 6, retryable: true, cause });
  }
}

/** The content of one document cannot be kept exactly in the local-first form: quarantine it, go on with the rest. */
export class UnconvertibleError extends DualpathError {
  constructor(code: string, message: string, details?: Facts) {
    super(code, message, 'Leave the document on the legacy path, or mend its content and retry it.', {
      details,
    });
  }
}
