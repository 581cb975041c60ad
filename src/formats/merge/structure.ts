import type { JsonObject } from '../json.ts';
import type { Shell } from './flat.ts';
import { childrenOf, type IsLeaf, isText, typeOf } from './kinds.ts';

/** What may stand in what, as far as three documents show it: the stand-in for a schema. */
export interface Structure {
  readonly allows: (parent: string, child: string) => boolean;
  /** Whether a node of this type begins with a child of that type somewhere. */
  readonly beginsWith: (parent: string, child: string) => boolean;
  /** Whether two children of one type stand in one parent somewhere. */
  readonly repeats: (parent: string, child: string) => boolean;
  /** A node that stands in the one and holds the other somewhere, with the attributes it has there. */
  readonly between: (parent: string, child: string) => Shell | undefined;
  /** The type of an innermost block that nodes of this type begin with somewhere, paragraphs first. */
  readonly filler: (parent: string) => string | undefined;
  /** Whether text in nodes of this type has marks somewhere. */
  readonly holdsMarks: (type: string) => boolean;
  /** The type of a block that holds all of these somewhere, paragraphs first. */
  readonly holding: (children: Iterable<string>) => string | undefined;
  /** The type of a block that stands in nodes of this type and holds all of these, paragraphs first. */
  readonly holdingIn: (parent: string, children: Iterable<string>) => string | undefined;
}

interface Facts {
  readonly children: Map<string, Set<string>>;
  readonly first: Map<string, Set<string>>;
  readonly repeated: Map<string, Set<string>>;
  readonly leaves: Set<string>;
  readonly marked: Set<string>;
  readonly boxes: Map<string, Shell>;
}

/** These hold text in every common schema, and each of them what the other does. */
const PROSE = ['paragraph', 'heading'];
const CODE = /^code_?block$/i;

export function learnStructure(documents: readonly JsonObject[], isLeaf: IsLeaf): Structure {
  const facts: Facts = {
    children: new Map(),
    first: new Map(),
    repeated: new Map(),
    leaves: new Set(),
    marked: new Set(),
    boxes: new Map(),
  };
  for (const document of documents) learn(document, isLeaf, facts);
  const has = (sets: Map<string, Set<string>>) => (parent: string, child: string) =>
    sets.get(parent)?.has(child) === true;
  const seen = has(facts.children);
  const allows = (parent: string, child: string) =>
    seen(parent, child) ||
    (child === 'text' && (CODE.test(parent) || PROSE.includes(parent))) ||
    (PROSE.includes(parent) && PROSE.some((type) => seen(type, child)));
  const between = (parent: string, child: string) => {
    for (const type of facts.children.get(parent) ?? []) {
      if (allows(type, child) && facts.boxes.has(type)) return facts.boxes.get(type);
    }
    return undefined;
  };
  const pick = (types: ReadonlySet<string> | undefined, fits: (type: string) => boolean) => {
    const fitting = [...(types ?? [])].filter(fits).sort();
    return fitting.find((type) => type === 'paragraph') ?? fitting[0];
  };
  return {
    allows,
    beginsWith: has(facts.first),
    repeats: has(facts.repeated),
    between,
    holding: (children) => pick(facts.leaves, (type) => [...children].every((child) => allows(type, child))),
    holdsMarks: (type) => facts.marked.has(type),
    filler: (parent) => pick(facts.first.get(parent), (type) => facts.leaves.has(type)),
    holdingIn: (parent, children) =>
      pick(facts.children.get(parent), (type) => [...children].every((child) => allows(type, child))),
  };
}

function learn(node: JsonObject, isLeaf: IsLeaf, facts: Facts): void {
  const type = typeOf(node);
  const children = childrenOf(node);
  children.forEach((child, index) => {
    const childType = typeOf(child);
    if (setOf(facts.children, type).has(childType)) {
      if (!isText(child) && children.slice(0, index).some((other) => typeOf(other) === childType)) {
        setOf(facts.repeated, type).add(childType);
      }
    } else setOf(facts.children, type).add(childType);
    if (child.marks !== undefined) facts.marked.add(type);
    if (index === 0) setOf(facts.first, type).add(childType);
    if (isText(child)) return;
    if (isLeaf(child)) facts.leaves.add(childType);
    else if (!facts.boxes.has(childType)) facts.boxes.set(childType, boxShell(child));
    learn(child, isLeaf, facts);
  });
}

function boxShell(node: JsonObject): Shell {
  return { type: typeOf(node), attrs: (node.attrs as JsonObject | undefined) ?? {}, extra: {} };
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
