import * as Y from 'yjs';
import { besideRoot, nodeEntry, topNodeFrom } from './layout.ts';
import { MAX_NODE_DEPTH } from './limits.ts';
import { markTypeOf } from './runs.ts';
import { UndecodableError } from './undecodable-error.ts';

/** A node of a Yjs document without what is in it, as Yjs's own types say it: not canonical yet. */
export interface LiveShell {
  readonly type: string;
  readonly attrs: Readonly<Record<string, unknown>> | undefined;
  readonly extra: unknown;
}

export interface LiveText {
  readonly text: string;
  readonly marks: readonly unknown[] | undefined;
}

export type Beside = ReadonlyMap<string, unknown>;

const NOTHING: Beside = new Map();

/** The entries that stand beside a document; without the map in the state, none, and the state stays without it. */
export function readBeside(doc: Y.Doc, fragment: string): Beside {
  const name = besideRoot(fragment);
  return doc.share.has(name) ? new Map(doc.getMap(name).entries()) : NOTHING;
}

/** The top node. */
export function topShell(beside: Beside): LiveShell {
  const { type, attrs, ...others } = topNodeFrom(beside);
  return {
    type: typeof type === 'string' ? type : 'doc',
    attrs: attrs as Record<string, unknown> | undefined,
    extra: others,
  };
}

export function shellOf(source: Y.XmlElement, beside: Beside): LiveShell {
  const id = source._item?.id;
  return {
    type: source.nodeName,
    attrs: source.getAttributes(),
    extra: id === undefined || beside.size === 0 ? undefined : beside.get(nodeEntry(id.client, id.clock)),
  };
}

/**
 * @param depth of the children
 * @throws UndecodableError `state-unexpected`
 */
export function childrenOf(parent: Y.XmlFragment, depth: number): readonly (Y.XmlElement | Y.XmlText)[] {
  if (depth > MAX_NODE_DEPTH) throw unexpected(`nodes nested deeper than ${MAX_NODE_DEPTH} levels`);
  return parent.toArray().map((child: unknown) => {
    if (child instanceof Y.XmlText || child instanceof Y.XmlElement) return child;
    throw unexpected('something that is neither an element nor text');
  });
}

/** @throws UndecodableError `state-unexpected` */
export function readTexts(source: Y.XmlText): readonly LiveText[] {
  return (source.toDelta() as readonly YOp[]).map(({ insert, attributes }) => {
    if (typeof insert !== 'string') throw unexpected('an embed inside text');
    return { text: insert, marks: attributes === undefined ? undefined : marksOf(attributes) };
  });
}

/** An operation as `Y.Text.toDelta` gives it. */
export interface YOp {
  readonly insert: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

function marksOf(attributes: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(attributes).map(([name, attrs]) => ({ type: markTypeOf(name), attrs }));
}

/**
 * The document as ProseMirror JSON, still to be canonicalised. Walks the root fragment with Yjs's own API and without a
 * schema: nothing is dropped, nothing is written.
 * @throws UndecodableError `state-unexpected`
 */
export function readJson(doc: Y.Doc, fragment: string): Record<string, unknown> {
  const beside = readBeside(doc, fragment);
  return jsonOf(topShell(beside), doc.getXmlFragment(fragment), beside, 1);
}

function jsonOf(
  { type, attrs, extra }: LiveShell,
  source: Y.XmlFragment,
  beside: Beside,
  depth: number,
): Record<string, unknown> {
  const content: unknown[] = [];
  for (const child of childrenOf(source, depth)) {
    if (child instanceof Y.XmlElement) content.push(jsonOf(shellOf(child, beside), child, beside, depth + 1));
    else for (const { text, marks } of readTexts(child)) content.push({ type: 'text', text, marks });
  }
  return extra === undefined ? { type, attrs, content } : { ...extra, type, attrs, content };
}

export function unexpected(what: string): UndecodableError {
  return new UndecodableError(
    'state-unexpected',
    `The Yjs state holds ${what}, which no document of its format can.`,
  );
}
