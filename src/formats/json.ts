import { UnconvertibleError } from '../errors.ts';
import { MAX_VALUE_DEPTH } from './limits.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** What was normalised while reading, in words for people; each once. */
export type Notes = Set<string>;

const LONE_SURROGATE = /\p{Surrogate}/gu;
const IMPOSSIBLE_CHARACTER = /\0|\p{Surrogate}/u;
/** Nearly every name; spares it the slower look. */
const PLAIN_NAME = /^\w*$/;

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The text as UTF-8 can hold it: Yjs writes UTF-8, where half a surrogate pair has no form. */
export function canonicalString(text: string, notes: Notes): string {
  if (text.includes('\0')) {
    throw new UnconvertibleError(
      'null-character',
      'The content holds the character U+0000, which PostgreSQL cannot store.',
    );
  }
  if (text.search(LONE_SURROGATE) === -1) return text;
  notes.add('replaced half a surrogate pair by U+FFFD');
  return text.replace(LONE_SURROGATE, '\uFFFD');
}

/** The keys to keep, sorted. */
export function canonicalKeys(object: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(object);
  for (const key of keys) refuseImpossibleName(key);
  return keys.length > 1 ? keys.sort() : keys;
}

/**
 * Names that Yjs would lose in silence: those that every JavaScript object inherits (`__proto__`, `constructor`), as it
 * reads values, attributes and formats into plain objects, and those that UTF-8 or PostgreSQL cannot hold.
 * @throws UnconvertibleError `impossible-key`
 */
function refuseImpossibleName(name: string): void {
  if (name in Object.prototype || (!PLAIN_NAME.test(name) && IMPOSSIBLE_CHARACTER.test(name))) {
    throw new UnconvertibleError('impossible-key', 'A name in the content is one that Yjs cannot hold.');
  }
}

/** As `refuseImpossibleName`, for marks and formats: Yjs keeps the name `ychange` for its own use and reads past it. */
export function refuseImpossibleFormat(name: string): void {
  refuseImpossibleName(name);
  if (name === 'ychange') {
    throw new UnconvertibleError(
      'impossible-key',
      'A mark in the content has the name `ychange`, which Yjs reserves.',
    );
  }
}

/**
 * A JSON value of which two are equal if and only if their JSON texts are: sorted keys, no `undefined`, `-0` as `0`.
 * @throws UnconvertibleError `not-json`, `non-finite-number`, `too-deep`, `null-character` or `impossible-key`
 */
export function canonicalValue(value: unknown, notes: Notes, depth = 0): Json {
  switch (typeof value) {
    case 'string':
      return canonicalString(value, notes);
    case 'boolean':
      return value;
    case 'number':
      return canonicalNumber(value, notes);
    case 'object':
      return value === null ? null : canonicalContainer(value, notes, depth);
    default:
      throw notJson();
  }
}

function canonicalNumber(value: number, notes: Notes): number {
  if (!Number.isFinite(value)) {
    throw new UnconvertibleError('non-finite-number', 'A number in the content is too large to be held.');
  }
  if (!Object.is(value, -0)) return value;
  notes.add('wrote -0 as 0');
  return 0;
}

function canonicalContainer(value: object, notes: Notes, depth: number): Json {
  if (depth >= MAX_VALUE_DEPTH) {
    throw new UnconvertibleError(
      'too-deep',
      `A value in the content nests deeper than ${MAX_VALUE_DEPTH} levels.`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => canonicalValue(item ?? null, notes, depth + 1));
  if (!isPlainObject(value)) throw notJson();
  const result: Record<string, Json> = {};
  for (const key of canonicalKeys(value)) {
    const item = value[key];
    if (item !== undefined) result[key] = canonicalValue(item, notes, depth + 1);
  }
  return result;
}

/**
 * Attributes, or nothing if there are none.
 * @param nulls `drop` where null says the same as leaving the attribute out, `keep` where it may say more
 */
export function canonicalAttributes(
  value: unknown,
  notes: Notes,
  nulls: 'drop' | 'keep',
): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isPlainObject(value)) {
    throw new UnconvertibleError(
      'bad-attributes',
      'The attributes of a part of the content are not an object.',
    );
  }
  const result: Record<string, Json> = {};
  let empty = true;
  for (const key of canonicalKeys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    if (item === null && nulls === 'drop') {
      notes.add('left out attributes that are null');
      continue;
    }
    result[key] = canonicalValue(item, notes);
    empty = false;
  }
  return empty ? undefined : result;
}

function notJson(): UnconvertibleError {
  return new UnconvertibleError('not-json', 'A value in the content is none that JSON can hold.');
}
