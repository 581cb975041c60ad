/** A document as a writer changes it in place. */
export interface Doc {
  type: string;
  attrs?: Record<string, unknown>;
  content?: Doc[];
  text?: string;
  marks?: Mark[];
}

export interface Mark {
  type: string;
  attrs?: Record<string, unknown>;
}

/** A word or a node in the text of a block, with its marks. Between two stands a space. */
export interface Unit {
  readonly word?: string;
  readonly atom?: Doc;
  readonly marks: readonly Mark[];
}

/** A node in its place. */
export interface Spot {
  readonly node: Doc;
  readonly parent: Doc;
  readonly index: number;
}

const TEXT_BLOCKS = new Set(['paragraph', 'heading', 'code_block']);

export function isTextBlock(node: Doc): boolean {
  return TEXT_BLOCKS.has(node.type);
}

/** All nodes of a document that pass, in order, with where they stand. */
export function spots(top: Doc, passes: (node: Doc, parent: Doc) => boolean): readonly Spot[] {
  const found: Spot[] = [];
  const visit = (parent: Doc) => {
    parent.content?.forEach((node, index) => {
      if (node.type === 'text') return;
      if (passes(node, parent)) found.push({ node, parent, index });
      visit(node);
    });
  };
  visit(top);
  return found;
}

export function unitsOf(block: Doc): Unit[] {
  return (block.content ?? []).flatMap((node): Unit[] => {
    const marks = node.marks ?? [];
    if (node.type !== 'text') return [{ atom: node, marks }];
    return (node.text ?? '').split(/\s+/).flatMap((word) => (word === '' ? [] : [{ word, marks }]));
  });
}

/** Writes units back. A space has the marks that both its neighbours have. */
export function setUnits(block: Doc, units: readonly Unit[]): void {
  const space = block.type === 'code_block' ? '\n' : ' ';
  const content: Doc[] = [];
  units.forEach((unit, index) => {
    const before = units[index - 1];
    if (before !== undefined) {
      const key = (marks: readonly Mark[]) => JSON.stringify(marks);
      add(content, space, key(before.marks) === key(unit.marks) ? unit.marks : []);
    }
    if (unit.atom === undefined) add(content, unit.word ?? '', unit.marks);
    else content.push({ ...unit.atom, marks: [...unit.marks] });
  });
  block.content = content;
}

function add(content: Doc[], text: string, marks: readonly Mark[]): void {
  const last = content.at(-1);
  if (last?.type === 'text' && JSON.stringify(last.marks) === JSON.stringify(marks)) last.text += text;
  else content.push({ type: 'text', text, marks: [...marks] });
}

/** Every word of a document, in order, with the marks on it. */
export function wordsIn(top: Doc): readonly { word: string; marks: readonly string[] }[] {
  const words: { word: string; marks: string[] }[] = [];
  const visit = (node: Doc) => {
    // A word may be cut into several texts by marks on its parts; no writer here marks a part of a word.
    const inText = node.content?.some(({ type }) => type === 'text');
    if (inText) {
      for (const { word, marks } of unitsOf(node)) {
        if (word !== undefined) words.push({ word, marks: marks.map((mark) => JSON.stringify(mark)) });
      }
    }
    for (const child of node.content ?? []) if (child.type !== 'text') visit(child);
  };
  visit(top);
  return words;
}
