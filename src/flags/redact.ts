/** Hides secrets in text. Holds them in a closure, so that no inspection of it, or of an error near it, shows them. */
export interface Redactor {
  /** Takes note of a secret, and of its last part: that is what Unleash calls the secret of a token. */
  learn(secret: string): string;
  hide(text: string): string;
}

export function redactor(): Redactor {
  const known = new Set<string>();
  return {
    learn(secret) {
      for (const part of [secret, secret.slice(secret.lastIndexOf('.') + 1)])
        if (part.length >= 4) for (const form of [part, encodeURIComponent(part)]) known.add(form);
      return secret;
    },
    hide(text) {
      return [...known]
        .sort((a, b) => b.length - a.length)
        .reduce((rest, one) => rest.replaceAll(one, '***'), text);
    },
  };
}

/** What may be kept of a foreign error as a cause: its code and its words, never its fields (they hold requests and headers). */
export function safeCause(error: unknown, redact: Redactor): Error {
  const words = error instanceof Error ? error.message : String(error);
  const safe = new Error(redact.hide(words).slice(0, 300));
  safe.stack = undefined;
  const code = codeOf(error);
  return code === undefined ? safe : Object.assign(safe, { code: redact.hide(code) });
}

/** The system's or the library's code of an error: its own, or that of what caused it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
