import { hash } from 'node:crypto';
import type * as Y from 'yjs';
import type { StateShape } from './client-id.ts';
import { type Content, refuseTooLarge } from './content.ts';
import type { Json, JsonObject } from './json.ts';
import { settle } from './settle.ts';
import { type ElementTree, joinPieces, type TextPiece } from './tree.ts';

/** A node as canonical JSON. */
interface Written {
  readonly value: JsonObject;
  readonly json: string;
}

/** Trees never change, so what is written of one holds for as long as it is there. */
const written = new WeakMap<ElementTree, Written>();

/**
 * The content of a Y.Doc, of which only what changed is read if it was read before. Null: it has to be read whole, which
 * tells what is wrong with it, if anything is. What came of it is proved by reading all of it before it counts.
 */
export function readChanged(doc: Y.Doc, { format, fragment }: StateShape): Content | null {
  if (format !== 'prosemirror') return null;
  try {
    const { tree } = settle(doc, fragment);
    if (tree.children.some(({ kind }) => kind === 'text')) return null;
    const { value, json } = writtenOf(tree);
    refuseTooLarge(json);
    return { format, value, canonical: json, fingerprint: hash('sha256', json, 'buffer'), notes: [] };
  } catch {
    return null;
  }
}

function writtenOf(tree: ElementTree): Written {
  const known = written.get(tree);
  if (known !== undefined) return known;
  const children = childrenOf(tree);
  const { type, attrs, extra } = tree;
  const parts: Readonly<Record<string, Json>> = {
    ...extra,
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...(children.length > 0 ? { content: children.map(({ value }) => value) } : {}),
    type,
  };
  const value = Object.fromEntries(
    Object.keys(parts)
      .sort()
      .map((key) => [key, parts[key] as Json]),
  );
  // In the order of the object: keys that are whole numbers come first, wherever they were put.
  const members = Object.keys(value).map((key) => {
    const json =
      key === 'content' ? `[${children.map((child) => child.json).join(',')}]` : JSON.stringify(value[key]);
    return `${JSON.stringify(key)}:${json}`;
  });
  const made = { value, json: `{${members.join(',')}}` };
  written.set(tree, made);
  return made;
}

/** Texts that lie in several Y.XmlTexts side by side are one. */
function childrenOf({ children }: ElementTree): readonly Written[] {
  const all: Written[] = [];
  let pieces: TextPiece[] = [];
  const flush = () => {
    for (const { text, marks } of joinPieces(pieces.filter((piece) => piece.text !== ''))) {
      const value = (
        marks === undefined ? { text, type: 'text' } : { marks, text, type: 'text' }
      ) as JsonObject;
      all.push({ value, json: JSON.stringify(value) });
    }
    pieces = [];
  };
  for (const child of children) {
    if (child.kind === 'text') pieces.push(...child.texts);
    else {
      flush();
      all.push(writtenOf(child));
    }
  }
  flush();
  return all;
}
