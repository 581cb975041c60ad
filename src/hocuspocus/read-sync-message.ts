import { ByteReader } from '../formats/index.ts';

/** A message of a provider, as far as it concerns what is stored. */
export type SyncMessage =
  /** It asks for what it lacks. */
  | { readonly kind: 'asks'; readonly stateVector: Uint8Array }
  /** It brings changes: `all` that the server lacked when it answered, or the one just made. */
  | { readonly kind: 'brings'; readonly update: Uint8Array; readonly all: boolean }
  /** Awareness, tokens, messages without a state. */
  | { readonly kind: 'other' };

const SYNC = 0;
const SYNC_REPLY = 4;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

const OTHER: SyncMessage = { kind: 'other' };

/**
 * Reads the head of a message as Hocuspocus 3 frames it: the document's name, the type, and of a sync message the step and
 * its bytes, as in y-protocols/sync.
 * @throws RejectedUpdateError for a message that is cut off
 */
export function readSyncMessage(message: Uint8Array): SyncMessage {
  const reader = new ByteReader(message);
  reader.string();
  const type = reader.varUint();
  if (type !== SYNC && type !== SYNC_REPLY) return OTHER;
  const step = reader.varUint();
  if (step !== STEP_1 && step !== STEP_2 && step !== UPDATE) return OTHER;
  const size = reader.varUint();
  const from = message.length - reader.remaining;
  reader.skip(size);
  const bytes = Uint8Array.prototype.slice.call(message, from, from + size);
  return step === STEP_1
    ? { kind: 'asks', stateVector: bytes }
    : { kind: 'brings', update: bytes, all: step === STEP_2 };
}
