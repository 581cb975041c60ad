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
import { MAX_NODE_DEPTH } from './limits.ts';

/** A mark: a type and its attributes. Two marks are the same if both are. */
export interface Mark {
  readonly type: string;
  readonly attrs?: JsonObject;
}

type RawObject = Readonly<Record<string, unknown>>;

/** A ProseMirror document in canonical form, whatever its schema: unknown nodes, marks and keys are kept. */
export function canonicalProsemirror(raw: unknown, notes: Notes): JsonObject {
  if (!isPlainObject(raw) || typeof raw.type !== 'string' || raw.type === 'text') {
    throw new UnconvertibleError(
      'not-a-document',
      'The content is not a ProseMirror document: an object with a `type`.',
    );
  }
  const document = canonicalNode(raw, notes, 1);
  const children = (document.content ?? []) as readonly JsonObject[];
  if (children.some(({ type }) => type === 'text')) {
    throw new UnconvertibleError(
      'text-at-top',
      'Text stands directly under the top node, where no ProseMirror editor on Yjs can open it.',
    );
  }
  return document;
}

function canonicalNode(raw: RawObject, notes: Notes, depth: number): JsonObject {
  if (depth > MAX_NODE_DEPTH) {
    throw new UnconvertibleError('too-deep', `The content nests nodes deeper than ${MAX_NODE_DEPTH} levels.`);
  }
  const node: Record<string, Json> = {};
  for (const key of canonicalKeys(raw)) {
    const value = canonicalPart(key, raw[key], notes, depth);
    if (value !== undefined) node[key] = value;
  }
  return node;
}

function canonicalPart(key: string, value: unknown, notes: Notes, depth: number): Json | undefined {
  if (value === undefined) return undefined;
  switch (key) {
    case 'attrs':
      // y-prosemirror stores no null attribute of a node: after an edit there it is absent.
      return canonicalAttributes(value, notes, 'drop');
    case 'content':
      return canonicalChildren(value, notes, depth);
    case 'marks':
      return canonicalMarks(value, notes) as readonly JsonObject[] | undefined;
    default:
      return canonicalValue(value, notes);
  }
}

function canonicalChildren(value: unknown, notes: Notes, depth: number): readonly JsonObject[] | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value))
    throw new UnconvertibleError('bad-content', 'The `content` of a node is not a list.');
  const children: JsonObject[] = [];
  let run: { marks: string; node: Record<string, Json>; text: string } | undefined;
  for (const child of value as readonly unknown[]) {
    if (!isPlainObject(child) || typeof child.type !== 'string') {
      throw new UnconvertibleError('bad-node', 'A node in the content is not an object with a `type`.');
    }
    if (child.type !== 'text') {
      run = undefined;
      children.push(canonicalNode(child, notes, depth + 1));
      continue;
    }
    const node = canonicalText(child, notes);
    if (node === undefined) continue;
    const marks = node.marks === undefined ? '' : JSON.stringify(node.marks);
    if (run?.marks === marks) {
      notes.add('joined neighbouring texts with the same marks');
      run.text += node.text;
      run.node.text = run.text;
    } else {
      run = { marks, node: node as unknown as Record<string, Json>, text: node.text };
      children.push(run.node);
    }
  }
  return children.length > 0 ? children : undefined;
}

interface TextNode {
  readonly marks?: readonly Mark[];
  readonly text: string;
  readonly type: 'text';
}

/** A text node, or nothing if it is empty: neither ProseMirror nor Yjs can hold an empty one. */
function canonicalText(raw: RawObject, notes: Notes): TextNode | undefined {
  if (typeof raw.text !== 'string') {
    throw new UnconvertibleError('bad-text', 'A text node in the content has no `text`.');
  }
  for (const key of Object.keys(raw)) {
    if (key === 'type' || key === 'text' || key === 'marks' || isNothing(raw[key])) continue;
    throw new UnconvertibleError(
      'text-with-structure',
      'A text node in the content carries more than text and marks.',
    );
  }
  if (raw.text === '') {
    notes.add('left out empty texts');
    return undefined;
  }
  const text = canonicalString(raw.text, notes);
  const marks = canonicalMarks(raw.marks, notes);
  return marks === undefined ? { text, type: 'text' } : { marks, text, type: 'text' };
}

/** Marks are a set: sorted by type, then by attributes; each once. */
export function canonicalMarks(value: unknown, notes: Notes): readonly Mark[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value))
    throw new UnconvertibleError('bad-marks', 'The `marks` of a node are not a list.');
  if (value.length === 0) return undefined;
  const marks = value.map((mark: unknown) => canonicalMark(mark, notes));
  if (marks.length === 1) return marks;
  const keyed = marks.map((mark) => ({ mark, key: JSON.stringify(mark) })).sort(byTypeThenKey);
  const distinct = keyed.filter((entry, index) => entry.key !== keyed[index - 1]?.key);
  if (distinct.length < keyed.length) notes.add('left out marks that stood twice on the same content');
  return distinct.map((entry) => entry.mark);
}

/** Null attributes of marks are kept, as y-prosemirror keeps them: they may stand against a default (`target` of a link). */
function canonicalMark(raw: unknown, notes: Notes): Mark {
  if (!isPlainObject(raw) || typeof raw.type !== 'string') {
    throw new UnconvertibleError('bad-marks', 'A mark in the content is not an object with a `type`.');
  }
  for (const key of Object.keys(raw)) {
    if (key === 'type' || key === 'attrs' || raw[key] === undefined) continue;
    throw new UnconvertibleError(
      'bad-marks',
      'A mark in the content carries more than a type and attributes.',
    );
  }
  refuseImpossibleFormat(raw.type);
  const type = raw.type;
  const attrs = canonicalAttributes(raw.attrs, notes, 'keep');
  return attrs === undefined ? { type } : { attrs, type };
}

function byTypeThenKey(a: { mark: Mark; key: string }, b: { mark: Mark; key: string }): number {
  if (a.mark.type !== b.mark.type) return a.mark.type < b.mark.type ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (isPlainObject(value) && Object.keys(value).length === 0);
}
