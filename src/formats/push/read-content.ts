import { MAX_VALUE_DEPTH } from '../limits.ts';
import { type ByteReader, corrupt, truncated } from './byte-reader.ts';
import { RejectedUpdateError } from './rejected-update-error.ts';

/** What an item holds, by the numbers of the Yjs V1 format (yjs/src/structs/Item.js). */
export const CONTENT = {
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
} as const;

/** The types that a type item can hold (yjs/src/structs/ContentType.js); an element and a hook carry a name. */
const XML_ELEMENT = 3;
const XML_HOOK = 5;
const XML_TEXT = 6;

export interface ContentFacts {
  /** Clocks that the content takes: UTF-16 units of a text, members of a list, else 1. */
  readonly length: number;
  /** Which type, for a type item. */
  readonly type?: number;
}

/**
 * Reads past the content of an item and checks every byte of it.
 * @throws RejectedUpdateError
 */
export function readContent(reader: ByteReader, kind: number): ContentFacts {
  switch (kind) {
    case CONTENT.deleted:
      return { length: reader.varUint() };
    case CONTENT.json:
      return { length: repeat(reader, () => readJson(reader, true)) };
    case CONTENT.binary:
      reader.skip(reader.varUint());
      return { length: 1 };
    case CONTENT.string:
      return { length: reader.string().length };
    case CONTENT.embed:
      readJson(reader, false);
      return { length: 1 };
    case CONTENT.format:
      reader.string();
      readJson(reader, false);
      return { length: 1 };
    case CONTENT.type:
      return { length: 1, type: readType(reader) };
    case CONTENT.any:
      return { length: repeat(reader, () => readAny(reader, 0)) };
    case CONTENT.doc:
      reader.string();
      readAny(reader, 0);
      return { length: 1 };
    default:
      throw corrupt('content of a kind that Yjs does not have');
  }
}

function readType(reader: ByteReader): number {
  const type = reader.varUint();
  if (type > XML_TEXT) throw corrupt('a type that Yjs does not have');
  if (type === XML_ELEMENT || type === XML_HOOK) reader.string();
  return type;
}

/** One member at least takes a byte, so a count past the bytes left is a lie and is not counted to. */
function repeat(reader: ByteReader, read: () => void): number {
  const count = reader.varUint();
  if (count > reader.remaining) throw truncated();
  for (let index = 0; index < count; index++) read();
  return count;
}

function readJson(reader: ByteReader, mayBeUndefined: boolean): void {
  const text = reader.string();
  if (mayBeUndefined && text === 'undefined') return;
  try {
    JSON.parse(text);
  } catch {
    throw corrupt('a value that is no JSON');
  }
  if (text.length > 2 * MAX_VALUE_DEPTH && jsonDepth(text) > MAX_VALUE_DEPTH) throw tooDeep();
}

/** Counts brackets outside strings: walking a value parsed would recurse. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

/** A value in lib0's own form (lib0/decoding.js); recursion is bounded by MAX_VALUE_DEPTH. */
function readAny(reader: ByteReader, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw tooDeep();
  const kind = reader.byte();
  switch (kind) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return;
    case 125:
      reader.skipVarInt();
      return;
    case 124:
      reader.skip(4);
      return;
    case 123:
    case 122:
      reader.skip(8);
      return;
    case 119:
      reader.string();
      return;
    case 118:
      repeat(reader, () => {
        reader.string();
        readAny(reader, depth + 1);
      });
      return;
    case 117:
      repeat(reader, () => readAny(reader, depth + 1));
      return;
    case 116:
      reader.skip(reader.varUint());
      return;
    default:
      throw corrupt('a value of a kind that Yjs does not have');
  }
}

function tooDeep(): RejectedUpdateError {
  return new RejectedUpdateError(
    'too-deep',
    `The update holds a value that nests deeper than ${MAX_VALUE_DEPTH} levels.`,
  );
}
