import * as Y from 'yjs';
import type { StateShape } from './client-id.ts';
import { besideRoot } from './layout.ts';
import { MAX_NODE_DEPTH } from './limits.ts';

export interface Misplaced {
  readonly code: 'wrong-root' | 'wrong-content' | 'too-deep';
  readonly reason: string;
}

export const WRONG_CONTENT: Misplaced = {
  code: 'wrong-content',
  reason: 'The update puts content into the document that its format has no place for.',
};
const WRONG_ROOT: Misplaced = {
  code: 'wrong-root',
  reason: 'The update writes to a root type of the Y.Doc other than the one in the config.',
};
const TOO_DEEP: Misplaced = {
  code: 'too-deep',
  reason: `The update nests nodes deeper than ${MAX_NODE_DEPTH} levels.`,
};

/** What is wrong with where an item of a Y.Doc stands; null where a document of the format can have it there. */
export function misplacedItem(item: Y.Item, shape: StateShape): Misplaced | null {
  const parent = item.parent;
  // Its container was collected, and it is collected with it.
  if (!(parent instanceof Y.AbstractType)) return null;
  if (parent._item === null) return misplacedAtTop(item, Y.findRootTypeKey(parent), shape);
  if (item.content instanceof Y.ContentType && isTooDeep(item)) return TOO_DEEP;
  if (shape.format !== 'prosemirror') return WRONG_CONTENT;
  const fits =
    parent instanceof Y.XmlText
      ? belongsInText(item, shape)
      : parent instanceof Y.XmlElement && belongsInElement(item);
  return fits ? null : WRONG_CONTENT;
}

function misplacedAtTop(item: Y.Item, root: string, shape: StateShape): Misplaced | null {
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
    if (depth > MAX_NODE_DEPTH) return true;
    at = at.parent instanceof Y.AbstractType ? at.parent._item : null;
  }
  return false;
}
