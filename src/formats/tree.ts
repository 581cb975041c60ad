import type { JsonObject } from './json.ts';
import type { Mark } from './prosemirror.ts';

/** A canonical text node. */
export interface TextPiece {
  readonly text: string;
  readonly marks?: readonly Mark[] | undefined;
}

/** A stretch of neighbouring text nodes: one Y.XmlText. */
export interface TextTree {
  readonly kind: 'text';
  readonly texts: readonly TextPiece[];
}

/** A node that is not text: one Y.XmlElement, or the root fragment for the top node. */
export interface ElementTree {
  readonly kind: 'element';
  readonly type: string;
  readonly attrs: JsonObject;
  /** Its keys other than `type`, `attrs` and `content`, marks first of all: what has no place in the element itself. */
  readonly extra: JsonObject | undefined;
  readonly children: readonly Tree[];
}

export type Tree = ElementTree | TextTree;

const NO_ATTRS: JsonObject = {};

/** A canonical ProseMirror node as the tree that its Yjs form has. Recursion is bounded by MAX_NODE_DEPTH. */
export function treeOf(node: JsonObject): ElementTree {
  const { type, attrs, content, ...others } = node;
  const children: Tree[] = [];
  let texts: TextPiece[] | undefined;
  for (const child of (content ?? []) as readonly JsonObject[]) {
    if (child.type !== 'text') {
      texts = undefined;
      children.push(treeOf(child));
    } else if (texts === undefined) {
      texts = [child as unknown as TextPiece];
      children.push({ kind: 'text', texts });
    } else texts.push(child as unknown as TextPiece);
  }
  return {
    kind: 'element',
    type: type as string,
    attrs: (attrs as JsonObject | undefined) ?? NO_ATTRS,
    extra: Object.keys(others).length > 0 ? others : undefined,
    children,
  };
}

/** Neighbouring pieces with the same marks as one. */
export function joinPieces(pieces: readonly TextPiece[]): readonly TextPiece[] {
  if (pieces.length < 2) return pieces;
  const joined: TextPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && JSON.stringify(last.marks) === JSON.stringify(piece.marks)) {
      joined[joined.length - 1] = { ...last, text: last.text + piece.text };
    } else joined.push(piece);
  }
  return joined;
}

/** Are two trees equal all the way down, lying in as many Y.XmlTexts? */
export function isSameTree(one: Tree | undefined, two: Tree | undefined): boolean {
  if (one === two) return true;
  if (one === undefined || two === undefined) return false;
  if (one.kind === 'text') return two.kind === 'text' && areSameTexts(one.texts, two.texts);
  return (
    two.kind === 'element' &&
    one.type === two.type &&
    isSameJson(one.attrs, two.attrs) &&
    isSameJson(one.extra, two.extra) &&
    one.children.length === two.children.length &&
    one.children.every((child, index) => isSameTree(child, two.children[index]))
  );
}

const areSameTexts = (some: readonly TextPiece[], others: readonly TextPiece[]): boolean =>
  some.length === others.length &&
  some.every(
    ({ text, marks }, index) => text === others[index]?.text && isSameJson(marks, others[index]?.marks),
  );

/** Canonical JSON has its keys in order. */
const isSameJson = (one: unknown, two: unknown): boolean =>
  one === two || JSON.stringify(one) === JSON.stringify(two);
