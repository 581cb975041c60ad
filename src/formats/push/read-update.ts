import { ByteReader, corrupt, truncated } from './byte-reader.ts';
import { MAX_UPDATE_BYTES, MAX_UPDATE_CLIENTS, MAX_UPDATE_STRUCTS } from './limits.ts';
import { CONTENT, readContent } from './read-content.ts';
import { RejectedUpdateError } from './rejected-update-error.ts';

/** The id of one character or other unit in Yjs. */
export interface UnitId {
  readonly client: number;
  readonly clock: number;
}

interface Range {
  readonly client: number;
  readonly clock: number;
  /** Clocks that it takes, at least 1. */
  readonly length: number;
}

/** Content that was inserted. Its parent is named only where it has no neighbour to take it from. */
export interface ItemStruct extends Range {
  readonly kind: 'item';
  readonly origin: UnitId | null;
  readonly rightOrigin: UnitId | null;
  /** A root type by its name, or the unit that holds the parent. */
  readonly parent: string | UnitId | null;
  /** It is the value of a key, in a map or as an attribute. */
  readonly keyed: boolean;
  /** One of `CONTENT`. */
  readonly content: number;
  /** Which type, where the content is one. */
  readonly type: number | undefined;
}

/** Clocks that carry nothing: collected garbage, or a gap. */
export interface BareStruct extends Range {
  readonly kind: 'gc' | 'skip';
}

export type Struct = ItemStruct | BareStruct;

export interface ReadUpdate {
  readonly structs: readonly Struct[];
  /** Deleted ranges as they stand in the update: in no order, and they may overlap. */
  readonly deletions: readonly Range[];
}

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_KEY = 0x20;
const KIND_BITS = 0x1f;
const SKIP = 10;

/**
 * Reads a Yjs V1 update to its last byte without Yjs, which has no integrity check, applies what it could read before it
 * fails, and keeps only the last of two lists of one client.
 * @throws RejectedUpdateError
 */
export function readUpdate(update: Uint8Array): ReadUpdate {
  if (update.length === 0) throw notAnUpdate('it is empty');
  if (update.length > MAX_UPDATE_BYTES) {
    throw new RejectedUpdateError('too-large', `The update is larger than ${MAX_UPDATE_BYTES} bytes.`, {
      bytes: update.length,
    });
  }
  const reader = new ByteReader(update);
  const structs = readStructs(reader);
  const deletions = readDeletions(reader);
  if (reader.remaining > 0) {
    // A V2 update begins with a zero, which reads as a V1 update without structs.
    throw update[0] === 0 ? notAnUpdate('it may be one in the V2 format') : corrupt('more than it announces');
  }
  return { structs, deletions };
}

/** Where the deletions of an update begin that was read before. */
export function deletionsFrom(update: Uint8Array): number {
  const reader = new ByteReader(update);
  readStructs(reader);
  return update.length - reader.remaining;
}

function readStructs(reader: ByteReader): readonly Struct[] {
  const structs: Struct[] = [];
  const seen = new Set<number>();
  const clients = countOf(reader, MAX_UPDATE_CLIENTS, 'too-many-clients');
  for (let index = 0; index < clients; index++) {
    const count = countOf(reader, MAX_UPDATE_STRUCTS - structs.length, 'too-many-structs');
    const client = reader.varUint();
    if (seen.has(client)) throw corrupt('two lists of one client');
    seen.add(client);
    let clock = reader.varUint();
    for (let done = 0; done < count; done++) {
      const struct = readStruct(reader, client, clock);
      if (struct.length === 0) throw corrupt('something of no length');
      clock += struct.length;
      if (!Number.isSafeInteger(clock)) throw pastCounting();
      structs.push(struct);
    }
  }
  return structs;
}

function readStruct(reader: ByteReader, client: number, clock: number): Struct {
  const info = reader.byte();
  if (info === 0) return { kind: 'gc', client, clock, length: reader.varUint() };
  if (info === SKIP) return { kind: 'skip', client, clock, length: reader.varUint() };
  const content = info & KIND_BITS;
  if (content < CONTENT.deleted || content > CONTENT.doc) throw corrupt('a struct that Yjs does not have');
  const origin = info & HAS_ORIGIN ? readId(reader) : null;
  const rightOrigin = info & HAS_RIGHT_ORIGIN ? readId(reader) : null;
  const parent = origin === null && rightOrigin === null ? readParent(reader) : null;
  const keyed = (info & HAS_KEY) !== 0;
  if (keyed && parent !== null) reader.string();
  const { length, type } = readContent(reader, content);
  return { kind: 'item', client, clock, length, origin, rightOrigin, parent, keyed, content, type };
}

function readId(reader: ByteReader): UnitId {
  return { client: reader.varUint(), clock: reader.varUint() };
}

function readParent(reader: ByteReader): string | UnitId {
  const isRoot = reader.varUint();
  if (isRoot > 1) throw corrupt('a parent that is neither a root nor an item');
  return isRoot === 1 ? reader.string() : readId(reader);
}

function readDeletions(reader: ByteReader): readonly Range[] {
  const deletions: Range[] = [];
  const clients = countOf(reader, MAX_UPDATE_CLIENTS, 'too-many-clients');
  for (let index = 0; index < clients; index++) {
    const client = reader.varUint();
    const count = countOf(reader, MAX_UPDATE_STRUCTS - deletions.length, 'too-many-structs');
    for (let done = 0; done < count; done++) {
      const clock = reader.varUint();
      const length = reader.varUint();
      if (length === 0) throw corrupt('a deletion of nothing');
      if (!Number.isSafeInteger(clock + length)) throw pastCounting();
      deletions.push({ client, clock, length });
    }
  }
  return deletions;
}

/** A count is believed only up to the bytes that are left, as each thing counted takes two at least. */
function countOf(reader: ByteReader, limit: number, reason: 'too-many-clients' | 'too-many-structs'): number {
  const count = reader.varUint();
  if (count * 2 > reader.remaining) throw truncated();
  if (count > limit) {
    const what = reason === 'too-many-clients' ? 'client ids' : 'structs';
    throw new RejectedUpdateError(reason, `The update holds more ${what} than editors write.`);
  }
  return count;
}

function pastCounting(): RejectedUpdateError {
  return new RejectedUpdateError('ids-not-safe', 'The update holds a clock that no editor counts to.');
}

function notAnUpdate(why: string): RejectedUpdateError {
  return new RejectedUpdateError('not-an-update', `The bytes are no Yjs update in the V1 format: ${why}.`);
}
