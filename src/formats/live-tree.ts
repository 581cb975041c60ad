import * as Y from 'yjs';
import { besideRoot, nodeEntry, topNodeFrom } from './layout.ts';
import { MAX_NODE_DEPTH } from './limits.ts';
import { markTypeOf } from './runs.ts';
import { UndecodableError } from './undecodable-error.ts';

/** What a Yjs document holds, as its own types say it: not canonical yet, each node with the type it was read from. */
export interface LiveElement {
  readonly kind: 'element';
  readonly type: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly extra: unknown;
  readonly children: readonly LiveChild[];
  readonly source: Y.XmlFragment;
}

export interface LiveText {
  readonly kind: 'text';
  readonly texts: readonly { readonly text: string; readonly marks: readonly unknown[] | undefined }[];
  readonly source: Y.XmlText;
}

export type LiveChild = LiveElement | LiveText;

type Beside = ReadonlyMap<string, unknown>;

const NOTHING: Beside = new Map();

/** The entries that stand beside a document; without the map in the state, none, and the state stays without it. */
export function readBeside(doc: Y.Doc, fragment: string): Beside {
  const name = besideRoot(fragment);
  return doc.share.has(name) ? new Map(doc.getMap(name).entries()) : NOTHING;
}

/**
 * Walks the root fragment with Yjs's own API and without a schema: nothing is dropped, nothing is written.
 * @throws UndecodableError `state-unexpected`
 */
export function readLiveTree(doc: Y.Doc, fragment: string): LiveElement {
  const beside = readBeside(doc, fragment);
  const { type, attrs, ...others } = topNodeFrom(beside);
  const source = doc.getXmlFragment(fragment);
  return {
    kind: 'element',
    type: typeof type === 'string' ? type : 'doc',
    attrs: attrs as Record<string, unknown>,
    extra: others,
    children: readChildren(source, beside, 1),
    source,
  };
}

function readChildren(parent: Y.XmlFragment, beside: Beside, depth: number): readonly LiveChild[] {
  if (depth > MAX_NODE_DEPTH) throw unexpected(`nodes nested deeper than ${MAX_NODE_DEPTH} levels`);
  return parent.toArray().map((child: unknown) => {
    if (child instanceof Y.XmlText) return readText(child);
    if (child instanceof Y.XmlElement) return readElement(child, beside, depth);
    throw unexpected('something that is neither an element nor text');
  });
}

function readElement(source: Y.XmlElement, beside: Beside, depth: number): LiveElement {
  const id = source._item?.id;
  return {
    kind: 'element',
    type: source.nodeName,
    attrs: source.getAttributes(),
    extra: id === undefined || beside.size === 0 ? undefined : beside.get(nodeEntry(id.client, id.clock)),
    children: readChildren(source, beside, depth + 1),
    source,
  };
}

function readText(source: Y.XmlText): LiveText {
  const texts = (source.toDelta() as readonly YOp[]).map(({ insert, attributes }) => {
    if (typeof insert !== 'string') throw unexpected('an embed inside text');
    return { text: insert, marks: attributes === undefined ? undefined : marksOf(attributes) };
  });
  return { kind: 'text', texts, source };
}

/** An operation as `Y.Text.toDelta` gives it. */
export interface YOp {
  readonly insert: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

function marksOf(attributes: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(attributes).map(([name, attrs]) => ({ type: markTypeOf(name), attrs }));
}

/** The document as ProseMirror JSON, still to be canonicalised. */
export function jsonOf({ type, attrs, extra, children }: LiveElement): Record<string, unknown> {
  const content: unknown[] = [];
  for (const child of children) {
    if (child.kind === 'element') content.push(jsonOf(child));
    else for (const { text, marks } of child.texts) content.push({ type: 'text', text, marks });
  }
  return extra === undefined ? { type, attrs, content } : { ...extra, type, attrs, content };
}

export function unexpected(what: string): UndecodableError {
  return new UndecodableError(
    'state-unexpected',
    `The Yjs state holds ${what}, which no document of its format can.`,
  );
}
