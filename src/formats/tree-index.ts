import type { Child } from './child-diff.ts';
import { createInterner, tokenise } from './tokens.ts';
import { type ElementTree, joinPieces, type TextPiece, type Tree } from './tree.ts';

/** What the differ of children needs to know of nodes; asks each node of a document once. */
export interface TreeIndex {
  readonly childOf: (tree: Tree) => Child;
}

/** Words taken from one node to tell how alike two are; more would not tell more. */
const MAX_WORDS = 100;

/** Nodes of both documents go through one index: the identities of two are equal if and only if the nodes are. */
export function createTreeIndex(): TreeIndex {
  const intern = createInterner();
  const known = new Map<Tree, number>();

  const identityOf = (tree: Tree): number => {
    const before = known.get(tree);
    if (before !== undefined) return before;
    const identity = intern(tree.kind === 'text' ? textKey(tree.texts) : elementKey(tree));
    known.set(tree, identity);
    return identity;
  };

  /** Texts that lie in several Y.XmlTexts side by side, as concurrent edits leave them, count as the one they show. */
  const elementKey = ({ type, attrs, extra, children }: ElementTree): string => {
    const parts: (number | string)[] = [];
    let pieces: TextPiece[] = [];
    const flush = () => {
      if (pieces.length > 0) parts.push(textKey(pieces));
      pieces = [];
    };
    for (const child of children) {
      if (child.kind === 'text') pieces.push(...child.texts);
      else {
        flush();
        parts.push(identityOf(child));
      }
    }
    flush();
    return JSON.stringify([type, attrs, extra ?? null, parts]);
  };

  const childOf = (tree: Tree): Child => ({
    identity: identityOf(tree),
    kind: tree.kind === 'text' ? 'text' : `element ${tree.type}`,
    blank: tree.kind === 'text' && tree.texts.length === 0,
    words: once(() => wordsOf(tree)),
  });
  return { childOf };
}

function textKey(pieces: readonly TextPiece[]): string {
  return JSON.stringify(joinPieces(pieces).map(({ text, marks }) => [text, marks ?? null]));
}

/** The words in a node; for one that holds no text, its attributes. */
function wordsOf(tree: Tree): ReadonlySet<string> {
  const words = new Set<string>();
  collectWords(tree, words);
  if (words.size === 0 && tree.kind === 'element') {
    for (const attribute of Object.entries(tree.attrs)) words.add(JSON.stringify(attribute));
  }
  return words;
}

function collectWords(tree: Tree, words: Set<string>): void {
  if (tree.kind === 'element') {
    for (const child of tree.children) {
      if (words.size >= MAX_WORDS) return;
      collectWords(child, words);
    }
    return;
  }
  for (const { text } of tree.texts) {
    for (const token of tokenise(text)) {
      if (words.size >= MAX_WORDS) return;
      if (token.trim() !== '') words.add(token);
    }
  }
}

function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
