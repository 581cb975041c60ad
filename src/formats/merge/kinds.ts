import type { JsonObject } from '../json.ts';

/** Names that stand inside text in every common schema, for where no text stands beside them. */
const INLINE_NAMES = new Set([
  'image',
  'hard_break',
  'hardBreak',
  'mention',
  'emoji',
  'inline_math',
  'inlineMath',
  'math_inline',
  'footnote',
]);

/** Whether a node is the innermost block: it holds text and what stands between text, or nothing. */
export type IsLeaf = (node: JsonObject) => boolean;

/** What a block of these documents is, learnt from them, as no schema is at hand. */
export function learnKinds(documents: readonly JsonObject[]): IsLeaf {
  const besideText = new Set<string>();
  const asBlock = new Set<string>();
  for (const document of documents) {
    for (const child of childrenOf(document)) asBlock.add(typeOf(child));
    learn(document, besideText, asBlock);
  }
  const isInline = (type: string) => besideText.has(type) || (INLINE_NAMES.has(type) && !asBlock.has(type));
  return (node) => {
    const children = childrenOf(node);
    return children.some(isText) || children.every((child) => isInline(typeOf(child)));
  };
}

function learn(node: JsonObject, besideText: Set<string>, asBlock: Set<string>): void {
  const children = childrenOf(node);
  if (children.some(isText)) {
    for (const child of children) if (!isText(child)) besideText.add(typeOf(child));
  } else if (children.some((child) => childrenOf(child).some(isText))) {
    for (const child of children) asBlock.add(typeOf(child));
  }
  for (const child of children) if (child.content !== undefined) learn(child, besideText, asBlock);
}

export function childrenOf(node: JsonObject): readonly JsonObject[] {
  return (node.content ?? []) as readonly JsonObject[];
}

export function typeOf(node: JsonObject): string {
  return node.type as string;
}

export function isText(node: JsonObject): boolean {
  return node.type === 'text';
}
