import type { JsonObject } from '../json.ts';
import { childrenOf, type IsLeaf, isText } from './kinds.ts';

/** A node without its content. */
export interface Shell {
  readonly type: string;
  readonly attrs: JsonObject;
  /** Its keys other than `type`, `attrs` and `content`. */
  readonly extra: JsonObject;
}

/** The parent of what stands directly in the document. */
export const TOP = -1;

/** A node that holds blocks: a list, an item, a row, a quote. */
export interface Box {
  readonly shell: Shell;
  /** Index of the box that it stands in, or TOP. */
  readonly parent: number;
}

/** A node that holds text, or nothing. */
export interface Block extends Box {
  readonly inline: readonly JsonObject[];
  /** Equal for two blocks if their text and what stands in it are equal, whatever their marks and their own type. */
  readonly identity: string;
}

/** A document as its blocks in order, each with the boxes that it stands in. */
export interface Flat {
  readonly top: Shell;
  readonly boxes: readonly Box[];
  readonly blocks: readonly Block[];
}

/** Recursion is bounded by the depth that content may have. */
export function flatten(document: JsonObject, isLeaf: IsLeaf): Flat {
  const boxes: Box[] = [];
  const blocks: Block[] = [];
  const visit = (node: JsonObject, parent: number) => {
    const shell = shellOf(node);
    if (isLeaf(node)) {
      const inline = childrenOf(node);
      blocks.push({ shell, parent, inline, identity: identityOf(shell, inline) });
      return;
    }
    const index = boxes.push({ shell, parent }) - 1;
    for (const child of childrenOf(node)) visit(child, index);
  };
  for (const child of childrenOf(document)) visit(child, TOP);
  return { top: shellOf(document), boxes, blocks };
}

const NONE: JsonObject = {};

function shellOf(node: JsonObject): Shell {
  const { type, attrs, content, ...extra } = node;
  return { type: type as string, attrs: (attrs as JsonObject | undefined) ?? NONE, extra };
}

/** The node that a shell and its content make. */
export function nodeOf({ type, attrs, extra }: Shell, content: readonly JsonObject[]): JsonObject {
  return { ...extra, type, attrs, content };
}

function identityOf(shell: Shell, inline: readonly JsonObject[]): string {
  if (inline.length === 0) return `\u0000${shell.type}${JSON.stringify(shell.attrs)}`;
  let identity = '';
  for (const node of inline) identity += isText(node) ? node.text : `\u0001${keyOfAtom(node)}\u0001`;
  return identity;
}

/** A node inside text, without its marks. U+0000 is in no content, so no text looks like one. */
export function keyOfAtom(node: JsonObject): string {
  const { marks, ...rest } = node;
  return `\u0000${JSON.stringify(rest)}`;
}

/** The boxes that one stands in, itself included, innermost first, as indices. */
export function boxesAround(
  boxes: readonly { readonly parent: number }[],
  parent: number,
): readonly number[] {
  const around: number[] = [];
  for (let at = parent; at !== TOP; at = boxes[at]?.parent ?? TOP) around.push(at);
  return around;
}
