import * as Y from 'yjs';

/** A node of a document as the legacy editor has it: ProseMirror JSON. */
export interface Node {
  type: string;
  text?: string;
  content?: Node[];
}

/**
 * Where a word is typed: at the end of the first text, of the longest paragraph, or of the last text. Who types elsewhere
 * than others gets a merge that nobody needs to look at.
 */
export type Place = 'top' | 'body' | 'bottom';

/** Types a word into a document of the legacy editor; one without any text gets a paragraph. */
export function typeIntoJson(document: Node, word: string, place: Place): void {
  const text = textAt(document, place);
  if (text) text.text = `${text.text} ${word}`;
  else
    document.content = [
      ...(document.content ?? []),
      { type: 'paragraph', content: [{ type: 'text', text: word }] },
    ];
}

function textAt(document: Node, place: Place): Node | undefined {
  if (place === 'body') return textsIn(longestParagraph(document) ?? document).at(-1);
  return textsIn(document).at(place === 'top' ? 0 : -1);
}

const textsIn = (node: Node): readonly Node[] =>
  node.type === 'text' && node.text ? [node] : (node.content ?? []).flatMap(textsIn);

const lengthOf = (node: Node): number => textsIn(node).reduce((sum, { text = '' }) => sum + text.length, 0);

function longestParagraph(document: Node): Node | undefined {
  const paragraphs = (document.content ?? []).filter(({ type }) => type === 'paragraph');
  return paragraphs.reduce<Node | undefined>(
    (longest, each) => (longest && lengthOf(longest) >= lengthOf(each) ? longest : each),
    undefined,
  );
}

/** Makes a quotation of the longest paragraph: a new block with a copy in it, as the local-first store sees it. */
export function quoteBody(document: Node): void {
  const paragraph = longestParagraph(document);
  document.content = (document.content ?? []).map((each) =>
    each === paragraph ? { type: 'blockquote', content: [each] } : each,
  );
}

/** The same places in a replica, as an editor bound to it would type there. */
export function typeIntoReplica(fragment: Y.XmlFragment, word: string, place: Place): void {
  const text = replicaTextAt(fragment, place);
  if (text) {
    text.insert(text.length, ` ${word}`);
    return;
  }
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(word)]);
  fragment.insert(fragment.length, [paragraph]);
}

function replicaTextAt(fragment: Y.XmlFragment, place: Place): Y.XmlText | undefined {
  if (place !== 'body') return replicaTexts(fragment).at(place === 'top' ? 0 : -1);
  const paragraphs = fragment
    .toArray()
    .flatMap((child) =>
      child instanceof Y.XmlElement && child.nodeName === 'paragraph' ? [replicaTexts(child)] : [],
    );
  const length = (texts: readonly Y.XmlText[]): number => texts.reduce((sum, text) => sum + text.length, 0);
  const longest = paragraphs.reduce((a, b) => (length(a) >= length(b) ? a : b), []);
  return (longest.length > 0 ? longest : replicaTexts(fragment)).at(-1);
}

const replicaTexts = (parent: Y.XmlFragment | Y.XmlElement): readonly Y.XmlText[] =>
  parent.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return child.length > 0 ? [child] : [];
    return child instanceof Y.XmlElement ? replicaTexts(child) : [];
  });
