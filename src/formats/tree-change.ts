import * as Y from 'yjs';
import { type ChildStep, diffChildren } from './child-diff.ts';
import type { Json, JsonObject } from './json.ts';
import { besideRoot, entriesOfTopNode, isTopEntry, nodeEntry } from './layout.ts';
import { readBeside } from './live-tree.ts';
import { runsOfPieces } from './runs.ts';
import { type SettledTree, settle } from './settle.ts';
import { type ElementTree, isSameTree, type TextTree, type Tree, treeOf } from './tree.ts';
import { createTreeIndex, type TreeIndex } from './tree-index.ts';
import { changeRuns, namesOfMarks, runsIn } from './yjs-text.ts';

interface Change {
  readonly index: TreeIndex;
  /** The Yjs type of each node of the tree as it was. */
  readonly sourceOf: SettledTree['sourceOf'];
  /** Nodes whose entry beside the document changes; written last, when new nodes have their ids. */
  readonly extras: Map<Y.XmlElement, JsonObject | undefined>;
}

/** Turns the ProseMirror document in `doc` into `target`, inside the caller's transaction, touching only what differs. */
export function changeProsemirror(doc: Y.Doc, target: JsonObject, fragment: string): void {
  const { tree: before, sourceOf } = settle(doc, fragment);
  const change: Change = { index: createTreeIndex(), sourceOf, extras: new Map() };
  changeChildren(change, doc.getXmlFragment(fragment), before, treeOf(target));
  changeBeside(doc, fragment, entriesOfTopNode(target), change.extras);
}

/** Brings the entries for the top of a document to these, and those of its nodes to what is given for them. */
export function changeBeside(
  doc: Y.Doc,
  fragment: string,
  top: ReadonlyMap<string, Json>,
  extras: ReadonlyMap<Y.XmlElement, JsonObject | undefined> = new Map(),
): void {
  const before = readBeside(doc, fragment);
  const set = (key: string, value: Json | undefined) => {
    if (value === undefined) {
      if (before.has(key)) doc.getMap(besideRoot(fragment)).delete(key);
    } else if (JSON.stringify(before.get(key)) !== JSON.stringify(value)) {
      doc.getMap(besideRoot(fragment)).set(key, value);
    }
  };
  for (const key of before.keys()) if (isTopEntry(key) && !top.has(key)) set(key, undefined);
  for (const [key, value] of top) set(key, value);
  for (const [element, extra] of extras) {
    const id = element._item?.id;
    if (id !== undefined) set(nodeEntry(id.client, id.clock), extra);
  }
}

function changeElement(change: Change, source: Y.XmlElement, before: ElementTree, after: ElementTree): void {
  for (const name of Object.keys(before.attrs)) {
    if (after.attrs[name] === undefined) source.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(after.attrs)) {
    if (JSON.stringify(before.attrs[name]) !== JSON.stringify(value)) setAttribute(source, name, value);
  }
  if (JSON.stringify(before.extra) !== JSON.stringify(after.extra)) change.extras.set(source, after.extra);
  changeChildren(change, source, before, after);
}

function changeChildren(
  change: Change,
  parent: Y.XmlFragment,
  before: ElementTree,
  after: ElementTree,
): void {
  const { from, beforeTo, afterTo } = differing(before.children, after.children);
  const [old, now] = [before.children.slice(from, beforeTo), after.children.slice(from, afterTo)];
  const { childOf } = change.index;
  let at = from;
  for (const step of diffChildren(old.map(childOf), now.map(childOf))) {
    at += applyStep(change, parent, at, step, old, now);
  }
}

/** Most children stand as they were, before and behind what changed: they are only compared. */
function differing(before: readonly Tree[], after: readonly Tree[]) {
  let from = 0;
  let [beforeTo, afterTo] = [before.length, after.length];
  while (from < Math.min(beforeTo, afterTo) && isSameTree(before[from], after[from])) from += 1;
  while (Math.min(beforeTo, afterTo) > from && isSameTree(before[beforeTo - 1], after[afterTo - 1])) {
    beforeTo -= 1;
    afterTo -= 1;
  }
  return { from, beforeTo, afterTo };
}

/** Carries out one step at a place among the children; returns how many children the place moves on. */
function applyStep(
  change: Change,
  parent: Y.XmlFragment,
  at: number,
  step: ChildStep,
  before: readonly Tree[],
  after: readonly Tree[],
): number {
  switch (step.do) {
    case 'keep':
      return step.count;
    case 'remove':
      parent.delete(at, step.count);
      return 0;
    case 'insert': {
      const trees = after.slice(step.after, step.after + step.count);
      parent.insert(
        at,
        trees.map((tree) => createType(change, tree)),
      );
      return step.count;
    }
    case 'update':
      changeChild(change, before[step.before], after[step.after]);
      return 1;
  }
}

/** Pairs are of one kind, so the source is of the kind of its tree. */
function changeChild(change: Change, before: Tree | undefined, after: Tree | undefined): void {
  const source = before === undefined ? undefined : change.sourceOf(before);
  if (before?.kind === 'text' && after?.kind === 'text' && source instanceof Y.XmlText)
    changeText(source, after);
  else if (before?.kind === 'element' && after?.kind === 'element' && source instanceof Y.XmlElement) {
    changeElement(change, source, before, after);
  } else throw new TypeError('A node was paired with one of another kind.');
}

function changeText(source: Y.XmlText, after: TextTree): void {
  const before = runsIn(source);
  changeRuns(source, runsOfPieces(after.texts, namesOfMarks(before)), before);
}

function createType(change: Change, tree: Tree): Y.XmlElement | Y.XmlText {
  if (tree.kind === 'text') {
    const text = new Y.XmlText();
    changeRuns(text, runsOfPieces(tree.texts), []);
    return text;
  }
  const element = new Y.XmlElement(tree.type);
  for (const [name, value] of Object.entries(tree.attrs)) setAttribute(element, name, value);
  element.insert(
    0,
    tree.children.map((child) => createType(change, child)),
  );
  if (tree.extra !== undefined) change.extras.set(element, tree.extra);
  return element;
}

/** A JSON value as an attribute: the types of Yjs know none that is read-only. */
function setAttribute(element: Y.XmlElement, name: string, value: Json): void {
  (element as unknown as Y.XmlElement<Record<string, object>>).setAttribute(name, value as object);
}
