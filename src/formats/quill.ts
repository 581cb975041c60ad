import { UnconvertibleError } from '../errors.ts';
import {
  canonicalAttributes,
  canonicalKeys,
  canonicalString,
  canonicalValue,
  isPlainObject,
  type Json,
  type JsonObject,
  type Notes,
  refuseImpossibleFormat,
} from './json.ts';

/** One canonical Delta operation of a document: text or an embed, with its formats. */
export interface QuillOp {
  readonly attributes?: JsonObject;
  readonly insert: string | JsonObject;
}

/**
 * A Quill document in canonical form: `{ ops: […] }`, or the bare list of operations where that is what is stored.
 * Neighbouring texts with equal formats are joined.
 */
export function canonicalQuill(raw: unknown, notes: Notes): JsonObject | readonly JsonObject[] {
  if (Array.isArray(raw)) return canonicalOps(raw, notes);
  if (!isPlainObject(raw) || !Array.isArray(raw.ops)) {
    throw new UnconvertibleError(
      'not-a-document',
      'The content is not a Quill document: an object with a list of `ops`.',
    );
  }
  const document: Record<string, Json> = {};
  for (const key of canonicalKeys(raw)) {
    const value = raw[key];
    if (value === undefined) continue;
    document[key] = key === 'ops' ? canonicalOps(raw.ops, notes) : canonicalValue(value, notes);
  }
  return document;
}

function canonicalOps(raw: readonly unknown[], notes: Notes): readonly JsonObject[] {
  const ops: Record<string, Json>[] = [];
  let run: { formats: string; op: Record<string, Json>; text: string } | undefined;
  for (const item of raw) {
    const op = canonicalOp(item, notes);
    if (op.insert === '') {
      notes.add('left out empty texts');
      continue;
    }
    const formats = op.attributes === undefined ? '' : JSON.stringify(op.attributes);
    const isText = typeof op.insert === 'string';
    if (isText && run?.formats === formats) {
      notes.add('joined neighbouring texts with the same formats');
      run.text += op.insert;
      run.op.insert = run.text;
      continue;
    }
    const kept = { ...op } as Record<string, Json>;
    run = typeof op.insert === 'string' ? { formats, op: kept, text: op.insert } : undefined;
    ops.push(kept);
  }
  return ops;
}

function canonicalOp(raw: unknown, notes: Notes): QuillOp {
  if (!isPlainObject(raw))
    throw new UnconvertibleError('bad-operation', 'An operation in the content is not an object.');
  for (const key of Object.keys(raw)) {
    if (key === 'insert' || key === 'attributes' || raw[key] === undefined) continue;
    throw new UnconvertibleError(
      'not-a-document',
      'The content is a change and not a document: it does more than insert.',
    );
  }
  const insert = raw.insert;
  if (typeof insert !== 'string' && !isPlainObject(insert)) {
    throw new UnconvertibleError(
      'bad-operation',
      'An operation in the content inserts neither text nor an embed.',
    );
  }
  const attributes = canonicalAttributes(raw.attributes, notes, 'drop');
  for (const name of Object.keys(attributes ?? {})) refuseImpossibleFormat(name);
  const content =
    typeof insert === 'string'
      ? canonicalString(insert, notes)
      : (canonicalValue(insert, notes) as JsonObject);
  return attributes === undefined ? { insert: content } : { attributes, insert: content };
}

/** The operations of a canonical document. */
export function opsOf(document: JsonObject | readonly JsonObject[]): readonly QuillOp[] {
  return ('ops' in document ? document.ops : document) as unknown as readonly QuillOp[];
}
