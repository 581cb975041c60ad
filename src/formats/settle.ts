import * as Y from 'yjs';
import { besideRoot } from './layout.ts';
import {
  type Beside,
  childrenOf,
  type LiveShell,
  readBeside,
  readTexts,
  shellOf,
  topShell,
} from './live-tree.ts';
import { canonicalMarks, canonicalProsemirror } from './prosemirror.ts';
import { type ElementTree, joinPieces, type TextTree, type Tree, treeOf } from './tree.ts';

/** A document's tree as Yjs has it, with where each of its nodes was read from. */
export interface SettledTree {
  readonly tree: ElementTree;
  readonly sourceOf: (tree: Tree) => Source | undefined;
}

type Source = Y.XmlFragment | Y.XmlText;

/** What was settled of a Y.Doc, as long as it is open and stands as it was read. */
interface Settled {
  trees: WeakMap<object, Tree>;
  readonly sources: WeakMap<Tree, Source>;
}

const settledOf = new WeakMap<Y.Doc, Settled>();

/**
 * The tree of a Y.Doc in canonical form node by node, so that it compares with a canonical document. Each Y.XmlText stays a
 * text of its own. Of a document that was settled before, only what changed since is read again. The document has been
 * read once, so nothing in it can be refused here.
 */
export function settle(doc: Y.Doc, fragment: string): SettledTree {
  const settled = settledOf.get(doc) ?? watch(doc, besideRoot(fragment));
  const beside = readBeside(doc, fragment);
  const root = doc.getXmlFragment(fragment);
  const tree = settleElement(settled, root, () => topShell(beside), beside, 0);
  return { tree, sourceOf: (each) => settled.sources.get(each) };
}

/** Forgets what a transaction changes, with all that it stands in. What stands beside the document may be of any node. */
function watch(doc: Y.Doc, beside: string): Settled {
  const settled: Settled = { trees: new WeakMap(), sources: new WeakMap() };
  settledOf.set(doc, settled);
  doc.on('afterTransaction', ({ changed, changedParentTypes }: Y.Transaction) => {
    for (const type of changedParentTypes.keys()) settled.trees.delete(type);
    // Before somebody asked for it by its kind, a root has none, and nobody is told of its changes.
    for (const type of changed.keys()) if (type === doc.share.get(beside)) settled.trees = new WeakMap();
  });
  return settled;
}

function settleElement(
  settled: Settled,
  source: Y.XmlFragment,
  shell: () => LiveShell,
  beside: Beside,
  depth: number,
): ElementTree {
  const known = settled.trees.get(source);
  if (known?.kind === 'element') return known;
  const { type, attrs, extra } = shell();
  const canonical = canonicalProsemirror({ ...(extra as object | undefined), type, attrs }, new Set());
  const children = childrenOf(source, depth + 1).map((child) =>
    child instanceof Y.XmlText
      ? settleText(settled, child)
      : settleElement(settled, child, () => shellOf(child, beside), beside, depth + 1),
  );
  return keep(settled, source, { ...treeOf(canonical), children });
}

function settleText(settled: Settled, source: Y.XmlText): TextTree {
  const known = settled.trees.get(source);
  if (known?.kind === 'text') return known;
  const pieces = readTexts(source).map(({ text, marks }) => ({
    text,
    marks: canonicalMarks(marks, new Set()),
  }));
  return keep(settled, source, { kind: 'text', texts: joinPieces(pieces) });
}

function keep<T extends Tree>({ trees, sources }: Settled, source: Source, tree: T): T {
  trees.set(source, tree);
  sources.set(tree, source);
  return tree;
}
