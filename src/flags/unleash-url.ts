import { UsageError } from '../errors.ts';

/**
 * The address of the server itself from whatever people put into UNLEASH_URL: SDKs are given `…/api`, some `…/api/client`.
 * Keeps a base path. Never quotes the address in an error: it may hold a password.
 */
export function unleashOrigin(address: string): string {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(
      'flag-url',
      'flags.url is not an http:// or https:// address.',
      'Set it to the address of the Unleash server, for example https://unleash.example.com.',
    );
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      'flag-url',
      'flags.url holds a user name or password.',
      'Take them out; the tokens in flags.admin_token and flags.client_token are what is needed.',
    );
  const path = url.pathname.replace(/\/(api(\/(admin|client|frontend)(\/features)?)?)?\/*$/, '');
  return url.origin + path.replace(/\/+$/, '');
}

/** A token goes into a header as it is; what does not fit there would be quoted by the error of whoever finds out. */
export function headerToken(key: string, token: string): string {
  const trimmed = token.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new UsageError(
    'flag-token-malformed',
    `flags.${key} is ${trimmed === '' ? 'empty' : 'not a token: it holds spaces, line breaks or letters outside ASCII'}.`,
    'Copy the whole token again, in one line.',
  );
}

/** A backend token names its environment (`project:environment.secret`); older kinds do not, and pass. */
export function checkClientToken(token: string, environment: string): string {
  const own = /^[^:]*:([^.:]+)\../.exec(token)?.[1];
  if (own === undefined || own === '*' || own === environment) return token;
  throw new UsageError(
    'flag-token-environment',
    `flags.client_token is for the environment "${own}", and flags.environment is "${environment}".`,
    'Use a client token of that environment, or change flags.environment.',
    { token: own, environment },
  );
}
