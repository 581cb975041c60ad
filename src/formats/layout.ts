import type { Json, JsonObject } from './json.ts';

/**
 * How a document lies in a Yjs state.
 *
 * The root named by the config is laid out as stock editors do it. What their layout cannot hold stands beside it, in
 * a Y.Map of its own: the keys of the top node, and those keys of a node that are no attributes (the link around an
 * image is a mark on a node). An entry names its node by the id of the node's Yjs item, which no edit elsewhere and no
 * change of the node itself alters; stock editors neither read nor write that map. As an attribute on the element the
 * same data would not last: y-prosemirror strips the attributes it does not know from every node it touches, and takes
 * an element that has one for changed. An entry whose node was deleted is ignored; a node that an editor deletes and
 * makes anew (cut and paste, undo) comes back without its entry.
 */
export function besideRoot(fragment: string): string {
  return `dualpath:${fragment}`;
}

/** The entry of the node whose Yjs item has this id. */
export function nodeEntry(client: number, clock: number): string {
  return `node:${client}:${clock}`;
}

const TOP_ATTRIBUTE = 'attr:';
const TOP_KEY = 'key:';
/** Set where a Quill document is stored as a bare list of operations. */
export const BARE_LIST = 'list';

/** The entries for the top of a ProseMirror document: each attribute by itself, so that two edits of two both hold. */
export function entriesOfTopNode(node: JsonObject): ReadonlyMap<string, Json> {
  const entries = new Map<string, Json>();
  for (const [key, value] of Object.entries(node)) {
    if (key === 'content' || (key === 'type' && value === 'doc')) continue;
    if (key !== 'attrs') entries.set(TOP_KEY + key, value);
    else
      for (const [name, item] of Object.entries(value as JsonObject)) entries.set(TOP_ATTRIBUTE + name, item);
  }
  return entries;
}

/** The entries for a Quill document: all that is not its operations. */
export function entriesOfQuill(document: JsonObject | readonly JsonObject[]): ReadonlyMap<string, Json> {
  if (!('ops' in document)) return new Map([[BARE_LIST, true]]);
  const others = Object.entries(document).filter(([key]) => key !== 'ops');
  return new Map(others.map(([key, value]) => [TOP_KEY + key, value]));
}

type Entries = ReadonlyMap<string, unknown>;

/** The top node without its content, from what stands beside. */
export function topNodeFrom(entries: Entries): Record<string, unknown> {
  const attrs = withPrefix(entries, TOP_ATTRIBUTE);
  return {
    type: 'doc',
    ...withPrefix(entries, TOP_KEY),
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
  };
}

/** A Quill document around its operations, from what stands beside. */
export function quillFrom(entries: Entries, ops: readonly unknown[]): unknown {
  return entries.has(BARE_LIST) ? ops : { ...withPrefix(entries, TOP_KEY), ops };
}

/** Is this an entry for the top of the document, and not for one of its nodes? */
export function isTopEntry(key: string): boolean {
  return key === BARE_LIST || key.startsWith(TOP_ATTRIBUTE) || key.startsWith(TOP_KEY);
}

function withPrefix(entries: Entries, prefix: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (key.startsWith(prefix)) result[key.slice(prefix.length)] = value;
  }
  return result;
}
