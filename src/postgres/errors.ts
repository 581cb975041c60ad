import { DualpathError, HeldError, UnavailableError, UsageError } from '../errors.ts';
import { databaseOf, decoded, withoutSecrets } from './redact.ts';

type Context = { readonly url?: string };
/** What is known of a failure: where it happened, and what was said, free of secrets. */
interface Said {
  readonly where: string;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly cause: unknown;
}

/** The five characters a Postgres server puts on an error; undefined for what another part of the way said. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  // A server's error has a severity; `EPIPE` has five capitals, too.
  const fromServer = typeof (error as { severity?: unknown } | null)?.severity === 'string';
  return fromServer && code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * What pg, the network or the server threw, as an error somebody can act on. Anything unknown, and what is one already,
 * is returned unchanged. No password is in it, whatever the URL held.
 */
export function asDualpathError(error: unknown, context: Context = {}): unknown {
  if (error instanceof DualpathError || !(error instanceof Error)) return error;
  const state = sqlState(error);
  const said: Said = {
    where: databaseOf(context.url),
    text: sentenceOf(withoutSecrets(reasonOf(error), context.url)),
    facts: { database: databaseOf(context.url), ...(state === undefined ? {} : { sqlState: state }) },
    // It carries the URL it could not read, password and all.
    cause: codeOf(error) === 'ERR_INVALID_URL' ? undefined : error,
  };
  const make =
    state === undefined ? fromTheWay(error, context.url) : (BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)]);
  return make?.(said) ?? error;
}

type Make = (said: Said) => DualpathError;

const unreachable: Make = ({ where, text, facts, cause }) =>
  new UnavailableError(
    'database-unreachable',
    `${where} cannot be reached: ${text}`,
    'Check that it is running and that `database` in the config names its host and port, then run the same command again.',
    facts,
    cause,
  );

const lost: Make = ({ where, text, facts, cause }) =>
  new UnavailableError(
    'database-lost',
    `The connection to ${uncapitalised(where)} was lost: ${text}`,
    'Run the same command again; it goes on where this one stopped.',
    facts,
    cause,
  );

const busy: Make = ({ where, text, facts, cause }) =>
  new UnavailableError(
    'database-unavailable',
    `${where} takes no work at the moment: ${text}`,
    'Wait until it does, then run the same command again; it goes on where this one stopped.',
    facts,
    cause,
  );

const auth: Make = ({ where, text, facts }) =>
  new UsageError(
    'database-auth',
    `${where} does not let us in: ${text}`,
    'Mend the user, the password or the name of the database in `database`.',
    facts,
  );

const tls: Make = ({ where, text, facts }) =>
  new UsageError(
    'database-tls',
    `No encrypted connection to ${uncapitalised(where)} can be made: ${text}`,
    'Mend `sslmode` or `sslrootcert` in the URL of `database`, or the certificate of the server.',
    facts,
  );

const badUrl: Make = () =>
  new UsageError(
    'database-url',
    'The URL of the database cannot be read.',
    'Write it as postgres://user:password@host:5432/name, with special characters in the password percent-encoded.',
  );

const privilege: Make = ({ where, text, facts }) =>
  new UsageError(
    'privilege',
    `${where} does not allow it: ${text}`,
    'Grant that right to the user in `database`, or let its owner run the command; `dualpath doctor` lists what is missing.',
    facts,
  );

const readOnly: Make = ({ where, text, facts }) =>
  new UsageError(
    'database-read-only',
    `${where} is read-only here: ${text}`,
    'Name the primary server, and a user who may write, in `database`.',
    facts,
  );

const locked: Make = ({ text, facts }) =>
  new HeldError(
    'table-locked',
    `Another transaction holds a lock that this command needs: ${text}`,
    'Run the same command again when that transaction has ended.',
    facts,
  );

const BY_STATE: Readonly<Record<string, Make>> = {
  '28000': auth,
  '28P01': auth,
  '3D000': auth,
  '42501': privilege,
  '25006': readOnly,
  '55P03': locked,
  '57P01': lost,
  '57P02': lost,
  '57P03': busy,
  '57P05': lost,
};

/** By the first two characters: connection trouble, and out of connections, memory or disk. */
const BY_CLASS: Readonly<Record<string, Make>> = { '08': lost, '53': busy };

const TLS_CODES = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'EPROTO',
];
const UNREACHABLE_CODES = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
];

/** What the network and pg say; pg puts no code on most of it. */
function fromTheWay(error: Error, url: string | undefined): Make | undefined {
  const code = codeOf(error) ?? '';
  // A certificate that the URL names.
  const { path } = error as { path?: unknown };
  if (typeof path === 'string' && url !== undefined && decoded(url).includes(path)) return tls;
  if (TLS_CODES.includes(code) || /does not support SSL connections/.test(error.message)) return tls;
  if (code === 'ERR_INVALID_URL') return badUrl;
  if (/^SASL: .*password|client password must be/i.test(error.message)) return auth;
  if (UNREACHABLE_CODES.includes(code) || /^timeout expired$|timeout exceeded when/.test(error.message))
    return unreachable;
  // A socket that is not there, as opposed to a file: only connecting makes such an error.
  if ((error as { syscall?: unknown }).syscall === 'connect') return unreachable;
  if (code === 'ECONNRESET' || code === 'EPIPE') return lost;
  if (/^Connection terminated|connection error and is not queryable|^Client was closed/.test(error.message))
    return lost;
  return undefined;
}

function reasonOf(error: Error): string {
  // Of a name with several addresses the error is a collection without a message of its own.
  const first =
    error instanceof AggregateError ? error.errors.find((each) => each instanceof Error) : undefined;
  const text =
    error.message === '' ? (first?.message ?? codeOf(error) ?? 'no reason was given') : error.message;
  return text === 'timeout expired' ? 'it did not answer in time' : text;
}

function sentenceOf(text: string): string {
  return `${(text.split('\n')[0] ?? '').replace(/[.\s]+$/, '')}.`;
}

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
