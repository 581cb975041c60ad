import * as Y from 'yjs';
import type { StateShape } from '../client-id.ts';
import { besideRoot } from '../layout.ts';
import { isBare, structsIn } from './held.ts';
import type { Inspected } from './inspect-update.ts';
import { MAX_TYPE_DEPTH } from './limits.ts';
import type { Struct } from './read-update.ts';

interface Misplaced {
  readonly code: 'wrong-root' | 'wrong-content' | 'too-deep';
  readonly reason: string;
}

const WRONG_CONTENT: Misplaced = {
  code: 'wrong-content',
  reason: 'The update puts content into the document that its format has no place for.',
};
const WRONG_ROOT: Misplaced = {
  code: 'wrong-root',
  reason: 'The update writes to a root type of the Y.Doc other than the one in the config.',
};
const TOO_DEEP: Misplaced = {
  code: 'too-deep',
  reason: `The update nests nodes deeper than ${MAX_TYPE_DEPTH} levels.`,
};

/**
 * The first thing that an update put where no document of the format can have it, deleted things included: a root has
 * no kind in an update, so a Y.Map may be written where text belongs, and the decoder would read past it.
 * @param held how far each client of the update was held before
 */
export function misplacedContent(
  doc: Y.Doc,
  { structs }: Inspected,
  held: ReadonlyMap<number, number>,
  shape: StateShape,
): Misplaced | null {
  if (structs.some((struct) => liesInNoType(doc, struct))) return WRONG_CONTENT;
  for (const [client, from] of held) {
    for (const struct of structsIn(doc, client, from, Number.POSITIVE_INFINITY)) {
      const misplaced = struct instanceof Y.Item ? whatIsWrong(struct, shape) : null;
      if (misplaced !== null) return misplaced;
    }
  }
  return null;
}

/** Yjs takes it for collected then, and destroys it unseen. */
function liesInNoType(doc: Y.Doc, struct: Struct): boolean {
  if (struct.kind !== 'item' || struct.parent === null || typeof struct.parent === 'string') return false;
  const { client, clock } = struct.parent;
  for (const parent of structsIn(doc, client, clock, clock + 1)) {
    return !isBare(parent) && !(parent instanceof Y.Item && parent.content instanceof Y.ContentType);
  }
  return false;
}

function whatIsWrong(item: Y.Item, shape: StateShape): Misplaced | null {
  const parent = item.parent;
  // Its container was collected, and it is collected with it.
  if (!(parent instanceof Y.AbstractType)) return null;
  if (parent._item === null) return whatIsWrongAtTop(item, Y.findRootTypeKey(parent), shape);
  if (item.content instanceof Y.ContentType && isTooDeep(item)) return TOO_DEEP;
  if (shape.format !== 'prosemirror') return WRONG_CONTENT;
  const fits =
    parent instanceof Y.XmlText
      ? belongsInText(item, shape)
      : parent instanceof Y.XmlElement && belongsInElement(item);
  return fits ? null : WRONG_CONTENT;
}

function whatIsWrongAtTop(item: Y.Item, root: string, shape: StateShape): Misplaced | null {
  if (root === besideRoot(shape.fragment)) return belongsInMap(item) ? null : WRONG_CONTENT;
  if (root !== shape.fragment) return WRONG_ROOT;
  const fits = shape.format === 'prosemirror' ? belongsInElement(item) : belongsInText(item, shape);
  return item.parentSub === null && fits ? null : WRONG_CONTENT;
}

/** Children that are nodes, attributes that are values. */
function belongsInElement({ content, parentSub }: Y.Item): boolean {
  if (content instanceof Y.ContentDeleted) return true;
  if (parentSub !== null) return content instanceof Y.ContentAny;
  return (
    content instanceof Y.ContentType &&
    (content.type instanceof Y.XmlText || content.type instanceof Y.XmlElement)
  );
}

function belongsInText({ content, parentSub }: Y.Item, { format }: StateShape): boolean {
  if (parentSub !== null) return false;
  if (content instanceof Y.ContentString || content instanceof Y.ContentDeleted) return true;
  if (content instanceof Y.ContentFormat) return format === 'prosemirror' || format === 'quill';
  return content instanceof Y.ContentEmbed && format === 'quill';
}

function belongsInMap({ content, parentSub }: Y.Item): boolean {
  return parentSub !== null && (content instanceof Y.ContentAny || content instanceof Y.ContentDeleted);
}

function isTooDeep(item: Y.Item): boolean {
  let depth = 0;
  for (let at: Y.Item | null = item; at !== null; depth++) {
    if (depth > MAX_TYPE_DEPTH) return true;
    at = at.parent instanceof Y.AbstractType ? at.parent._item : null;
  }
  return false;
}
