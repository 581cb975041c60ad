import { UsageError } from '../errors.ts';
import type {
  HeartbeatInput,
  LoadInput,
  PathInput,
  PullInput,
  PushInput,
  SaveInput,
} from './document-store-types.ts';

/** What JavaScript callers get wrong is said before anything is touched. */
export function checkSave(input: SaveInput): SaveInput {
  requireInput('save', input);
  requireText('save', 'id', input.id);
  optional('save', 'deviceId', input.deviceId, requireText);
  optional('save', 'saveId', input.saveId, requireText);
  optional('save', 'owner', input.owner, requireText);
  if (input.baseRevision !== null) optional('save', 'baseRevision', input.baseRevision, requireCount);
  return input;
}

export function checkLoad(input: LoadInput): LoadInput {
  requireInput('load', input);
  requireText('load', 'id', input.id);
  optional('load', 'deviceId', input.deviceId, requireText);
  return input;
}

export function checkPush(input: PushInput): PushInput {
  requireInput('push', input);
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
  requireInput('pull', input);
  requireText('pull', 'id', input.id);
  requireText('pull', 'deviceId', input.deviceId);
  optional('pull', 'stateVector', input.stateVector, requireBytes);
  return input;
}

export function checkPathFor(input: PathInput): PathInput {
  requireInput('pathFor', input);
  requireText('pathFor', 'id', input.id);
  requireText('pathFor', 'user', input.user);
  return input;
}

export function checkHeartbeat(input: HeartbeatInput): HeartbeatInput {
  requireInput('heartbeat', input);
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

function requireInput(call: string, input: unknown): void {
  if (typeof input !== 'object' || input === null) throw wrong(call, 'input', 'an object');
}

type Check = (call: string, name: string, value: unknown) => void;

function optional(call: string, name: string, value: unknown, check: Check): void {
  if (value !== undefined) check(call, name, value);
}

/** An identifier is an index key: Postgres cannot hold U+0000, nor anything near three kilobytes. */
const LONGEST_NAME = 200;

const requireText: Check = (call, name, value) => {
  if (typeof value !== 'string' || value === '') throw wrong(call, name, 'a text that is not empty');
  if (name === 'id') return;
  if (value.length > LONGEST_NAME || value.includes('\0'))
    throw wrong(call, name, `a text of at most ${LONGEST_NAME} characters without U+0000`);
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

const wrong = (call: string, name: string, wanted: string): UsageError =>
  new UsageError(
    'bad-argument',
    `The \`${name}\` given to ${call} is not ${wanted}.`,
    `Give \`${name}\` as ${wanted}.`,
    { call, argument: name },
  );
