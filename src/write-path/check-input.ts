import { UsageError } from '../errors.ts';
import type { CallOptions } from './context.ts';
import type {
  HeartbeatInput,
  LoadInput,
  PathInput,
  PullInput,
  PushInput,
  SaveInput,
} from './document-store-types.ts';

/** What JavaScript callers get wrong is said before anything is touched. */
export function checkOptions<T>(options: T): T {
  requireOptions('openDocumentStore', options, ['config', 'pool', 'flags']);
  const { config, pool, flags } = options as Record<string, unknown>;
  if (typeof config !== 'string' && (typeof config !== 'object' || config === null))
    throw wrong('openDocumentStore', 'config', 'a path or an object');
  optional('openDocumentStore', 'pool', pool, requireMethods('a `pg.Pool`', ['query', 'connect']));
  optional('openDocumentStore', 'flags', flags, requireMethods('a flag client', ['isEnabled']));
  return options;
}

export function checkCall(call: string, options: CallOptions | undefined): CallOptions {
  if (options === undefined) return {};
  requireOptions(call, options, ['tx']);
  optional(call, 'tx', options.tx, requireMethods("anything with pg's `query(text, values)`", ['query']));
  return options;
}

export function checkSave(input: SaveInput): SaveInput {
  requireInput('save', input, ['id', 'content', 'baseRevision', 'deviceId', 'saveId', 'owner']);
  requireText('save', 'id', input.id);
  if (input.content === undefined) throw missing('save', 'content', 'the whole document');
  optional('save', 'deviceId', input.deviceId, requireText);
  optional('save', 'saveId', input.saveId, requireText);
  optional('save', 'owner', input.owner, requireText);
  if (input.baseRevision !== null) optional('save', 'baseRevision', input.baseRevision, requireCount);
  return input;
}

export function checkLoad(input: LoadInput): LoadInput {
  requireInput('load', input, ['id', 'deviceId']);
  requireText('load', 'id', input.id);
  optional('load', 'deviceId', input.deviceId, requireText);
  return input;
}

const PUSH_KEYS = [
  ...['id', 'deviceId', 'seq', 'update', 'epoch', 'session', 'lineage', 'baseSeq', 'stateVector'],
  ...['commit', 'prevCommit', 'nonce'],
];

export function checkPush(input: PushInput): PushInput {
  requireInput('push', input, PUSH_KEYS);
  requireText('push', 'id', input.id);
  requireText('push', 'deviceId', input.deviceId);
  requireCount('push', 'seq', input.seq);
  requireBytes('push', 'update', input.update);
  optional('push', 'epoch', input.epoch, requireText);
  optional('push', 'session', input.session, requireText);
  optional('push', 'lineage', input.lineage, requireText);
  optional('push', 'baseSeq', input.baseSeq, requireCount);
  optional('push', 'stateVector', input.stateVector, requireBytes);
  optional('push', 'commit', input.commit, requireBytes);
  optional('push', 'prevCommit', input.prevCommit, requireBytes);
  optional('push', 'nonce', input.nonce, requireBytes);
  return input;
}

export function checkPull(input: PullInput): PullInput {
  requireInput('pull', input, ['id', 'deviceId', 'stateVector', 'epoch', 'session']);
  requireText('pull', 'id', input.id);
  requireText('pull', 'deviceId', input.deviceId);
  optional('pull', 'stateVector', input.stateVector, requireBytes);
  optional('pull', 'epoch', input.epoch, requireText);
  optional('pull', 'session', input.session, requireText);
  return input;
}

export function checkPathFor(input: PathInput): PathInput {
  requireInput('pathFor', input, ['id', 'user']);
  requireText('pathFor', 'id', input.id);
  requireText('pathFor', 'user', input.user);
  return input;
}

const HEARTBEAT_KEYS = [
  ...['id', 'deviceId', 'epoch', 'session', 'head', 'acknowledged', 'commit', 'pendingBytes', 'pendingMs'],
  ...['durability', 'appVersion', 'wallTime', 'sinceBootMs'],
];

export function checkHeartbeat(input: HeartbeatInput): HeartbeatInput {
  requireInput('heartbeat', input, HEARTBEAT_KEYS);
  requireText('heartbeat', 'id', input.id);
  requireText('heartbeat', 'deviceId', input.deviceId);
  for (const name of ['head', 'acknowledged', 'pendingBytes', 'pendingMs', 'sinceBootMs'] as const)
    optional('heartbeat', name, input[name], requireCount);
  optional('heartbeat', 'commit', input.commit, requireBytes);
  for (const name of ['epoch', 'session', 'appVersion'] as const)
    optional('heartbeat', name, input[name], requireText);
  optional('heartbeat', 'durability', input.durability, requireDurability);
  optional('heartbeat', 'wallTime', input.wallTime, requireTime);
  return input;
}

/**
 * What else the object holds is the application's own business; a name that is nearly one of ours is a slip of the pen, and the base
 * that it meant would be missing.
 */
function requireInput(call: string, input: unknown, keys: readonly string[]): void {
  requireObject(call, 'input', input);
  const plain = (key: string) => key.toLowerCase().replaceAll(/[^a-z]/g, '');
  for (const given of Object.keys(input).filter((key) => !keys.includes(key))) {
    const meant = keys.find((key) => plain(key) === plain(given));
    if (meant !== undefined) throw unknownField(call, 'input', given, `Name it \`${meant}\`.`);
  }
}

/** Passed over, an option would leave the caller's transaction, or the caller's pool, unused. */
function requireOptions(call: string, options: unknown, keys: readonly string[]): void {
  requireObject(call, 'options', options);
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw unknownField(call, 'options', unknown, `Leave it out, or name one of ${keys.join(', ')}.`);
}

const unknownField = (call: string, name: string, field: string, remedy: string): UsageError =>
  new UsageError(
    'bad-argument',
    `The \`${name}\` given to ${call} has a field \`${field}\`, which it does not know.`,
    remedy,
    { call, argument: field },
  );

function requireObject(call: string, name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw wrong(call, name, 'an object');
}

const requireMethods =
  (wanted: string, methods: readonly string[]): Check =>
  (call, name, value) => {
    const has = (method: string) => typeof (value as Record<string, unknown> | null)?.[method] === 'function';
    if (!methods.every(has)) throw wrong(call, name, wanted);
  };

type Check = (call: string, name: string, value: unknown) => void;

function optional(call: string, name: string, value: unknown, check: Check): void {
  if (value !== undefined) check(call, name, value);
}

/** An identifier is an index key: Postgres cannot hold U+0000, nor anything near three kilobytes. */
const LONGEST_NAME = 200;

const requireText: Check = (call, name, value) => {
  if (typeof value !== 'string' || value === '') throw wrong(call, name, 'a non-empty text');
  if (value.includes('\0')) throw wrong(call, name, 'a text without U+0000');
  // The application's own ids are as long as it likes.
  if (name !== 'id' && value.length > LONGEST_NAME)
    throw wrong(call, name, `a text of at most ${LONGEST_NAME} characters`);
};

const requireCount: Check = (call, name, value) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw wrong(call, name, 'a whole number, zero or more, below 2^53');
};

const requireDurability: Check = (call, name, value) => {
  if (value !== 'memory' && value !== 'stored') throw wrong(call, name, '`memory` or `stored`');
};

const requireTime: Check = (call, name, value) => {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrong(call, name, 'a Date');
};

const requireBytes: Check = (call, name, value) => {
  if (!(value instanceof Uint8Array)) throw wrong(call, name, 'a Uint8Array');
};

const missing = (call: string, name: string, wanted: string): UsageError =>
  new UsageError('bad-argument', `No \`${name}\` was given to ${call}.`, `Give \`${name}\`: ${wanted}.`, {
    call,
    argument: name,
  });

const wrong = (call: string, name: string, wanted: string): UsageError =>
  new UsageError(
    'bad-argument',
    `The \`${name}\` given to ${call} is not ${wanted}.`,
    `Give \`${name}\` as ${wanted}.`,
    { call, argument: name },
  );
