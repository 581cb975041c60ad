import type * as Y from 'yjs';
import type { LiveChild, LiveElement, LiveText } from './live-tree.ts';
import { canonicalMarks, canonicalProsemirror } from './prosemirror.ts';
import { type ElementTree, joinPieces, type TextTree, type Tree, treeOf } from './tree.ts';

/** Where in the Y.Doc each node of a settled tree was read from. */
export type Sources = Map<Tree, Y.XmlFragment | Y.XmlText>;

/**
 * A tree read from Yjs, in canonical form node by node, so that it compares with a canonical document. Each Y.XmlText
 * stays a text of its own. The document has been read once, so nothing in it can be refused here.
 */
export function settle(live: LiveElement, sources: Sources): ElementTree {
  const { type, attrs, extra } = live;
  const shell = canonicalProsemirror({ ...(extra as object | undefined), type, attrs }, new Set());
  const tree = { ...treeOf(shell), children: live.children.map((child) => settleChild(child, sources)) };
  sources.set(tree, live.source);
  return tree;
}

function settleChild(child: LiveChild, sources: Sources): Tree {
  return child.kind === 'element' ? settle(child, sources) : settleText(child, sources);
}

function settleText({ texts, source }: LiveText, sources: Sources): TextTree {
  const pieces = texts.map(({ text, marks }) => ({ text, marks: canonicalMarks(marks, new Set()) }));
  const tree: TextTree = { kind: 'text', texts: joinPieces(pieces) };
  sources.set(tree, source);
  return tree;
}
