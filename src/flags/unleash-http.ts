import { type DualpathError, HeldError, UnavailableError, UsageError } from '../errors.ts';
import { FlagOutcomeUnknownError } from './flag-outcome-unknown-error.ts';
import { codeOf, type Redactor, safeCause } from './redact.ts';

export interface UnleashRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Answers that are no error to this caller, besides 2xx. */
  readonly allow?: readonly number[];
}

export interface UnleashAnswer {
  readonly status: number;
  /** The JSON body; undefined where there is none. */
  readonly body: unknown;
}

export type UnleashCall = (request: UnleashRequest) => Promise<UnleashAnswer>;

/**
 * One request, one answer or one typed error. It never retries: a read is repeated by whoever asked, and a write whose
 * answer is lost must be looked at first. Redirects are not followed: one that leads to a login page would look like success.
 */
export function unleashCall(settings: {
  readonly origin: () => string;
  /** Called at each request; the key in the config names it in messages. */
  readonly token: () => string;
  readonly tokenKey: string;
  readonly redact: Redactor;
  readonly timeoutMs: number;
}): UnleashCall {
  const { redact, timeoutMs } = settings;
  return async (request) => {
    const origin = settings.origin();
    const token = settings.token();
    const options = { ...settings, origin };
    const { method, path, body } = request;
    let response: Response;
    try {
      response = await fetch(origin + path, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: { authorization: token, accept: 'application/json', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw notAnswered(request, error, options);
    }
    const text = await response.text().catch((error: unknown) => {
      if (response.ok && method !== 'GET') return '';
      throw notAnswered(request, error, options);
    });
    if (!response.ok && !request.allow?.includes(response.status))
      throw refused(request, response, redact.hide(saidIn(text)), options);
    return { status: response.status, body: response.ok ? parse(request, text, origin) : undefined };
  };
}

/** Codes of failures before a request left this machine: nothing can have happened. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

type Facts = { readonly origin: string; readonly redact: Redactor; readonly timeoutMs: number };

function notAnswered(
  { method, path }: UnleashRequest,
  error: unknown,
  { origin, redact, timeoutMs }: Facts,
): DualpathError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const code = timedOut ? 'timeout' : (codeOf(error) ?? 'no answer');
  const why = timedOut ? `did not answer within ${timeoutMs / 1000} s` : `cannot be reached (${code})`;
  const details = { url: origin, method, path, code };
  const cause = safeCause(error, redact);
  if (method === 'GET' || NOT_SENT.has(code))
    return new UnavailableError(
      'flag-server-unavailable',
      `The flag server at ${origin} ${why}.`,
      'Check flags.url and that the server runs, then run the command again.',
      details,
      cause,
    );
  const lost = timedOut ? why : `closed the connection without an answer (${code})`;
  return new FlagOutcomeUnknownError(
    `The flag server at ${origin} ${lost}, so it is not known whether the flag was written.`,
    details,
    cause,
  );
}

function refused(
  { method, path }: UnleashRequest,
  response: Response,
  said: string,
  { origin, tokenKey }: { readonly origin: string; readonly tokenKey: string },
): DualpathError {
  const { status } = response;
  const details = { url: origin, method, path, status, ...(said === '' ? {} : { said }) };
  const quote = said === '' ? '' : `: ${said}`;
  const usage = (code: string, message: string, remedy: string): UsageError =>
    new UsageError(code, message, remedy, details);
  if (status >= 500 && method !== 'GET')
    return new FlagOutcomeUnknownError(
      `The flag server at ${origin} failed with ${status} during a write, so it is not known whether the flag was written.`,
      details,
    );
  if (status >= 500 || status === 429 || status === 408)
    return new UnavailableError(
      'flag-server-unavailable',
      `The flag server at ${origin} answered ${status}${status === 429 ? ' (too many requests)' : ''}.`,
      'Try again in a while.',
      details,
    );
  if (status === 401)
    return usage(
      'flag-token-refused',
      `The flag server at ${origin} does not accept flags.${tokenKey}.`,
      `Put a token into flags.${tokenKey} that this server issued and that has not expired.`,
    );
  if (status === 403)
    return usage(
      'flag-token-not-allowed',
      `flags.${tokenKey} may not do this on the flag server at ${origin}${quote}.`,
      tokenKey === 'admin_token'
        ? 'Use an admin token, or a service account that may create and edit flags in the project.'
        : 'Use a client (backend) token of the project and environment in the config.',
    );
  if (status === 409)
    return new HeldError(
      'flag-conflict',
      `The flag server at ${origin} reports a conflict${quote}.`,
      'Look at the flag there, then run the command again.',
      details,
    );
  if (status === 404)
    return usage(
      'flag-not-found',
      `The flag server at ${origin} does not know this${quote || `: ${path}`}.`,
      'Check flags.url, flags.project and flags.environment.',
    );
  if (status >= 300 && status < 400)
    return usage(
      'flag-url-redirects',
      `The address in flags.url answers with a redirect (${status}).`,
      'Use the address it leads to, or one that needs no login page.',
    );
  return usage(
    'flag-request-refused',
    `The flag server at ${origin} refused the request (${status})${quote}.`,
    status === 415
      ? 'Something between here and there drops the content type: check the proxy.'
      : 'Check the flag and cohort names and values in cohorts.yaml.',
  );
}

/** The server's own words: the first detail of an Unleash error, else its message; nothing of an HTML page. */
function saidIn(text: string): string {
  try {
    const { message, details } = JSON.parse(text) as {
      readonly message?: unknown;
      readonly details?: readonly { readonly message?: unknown }[];
    };
    return String(details?.[0]?.message ?? message ?? '').slice(0, 300);
  } catch {
    return '';
  }
}

function parse({ method, path }: UnleashRequest, text: string, origin: string): unknown {
  if (method !== 'GET' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      'flag-url',
      `What answers at ${origin} is not an Unleash server: it sent something else than JSON.`,
      'Set flags.url to the address of the Unleash server, without /api.',
      { url: origin, path },
    );
  }
}
