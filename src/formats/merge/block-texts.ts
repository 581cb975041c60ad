import type { Content } from '../content.ts';
import type { JsonObject } from '../json.ts';
import type { QuillOp } from '../quill.ts';
import { childrenOf, isText, typeOf } from './kinds.ts';

/** The top-level blocks of a content as lines of plain text; of plain text and Markdown, its lines. */
export function blockTexts(content: Content): readonly string[] {
  return linesOf(content, (type) => (HOLDS_TEXT.test(type) ? '' : `[${type}]`));
}

/** All words of a content, and nothing that only names a picture. */
export function plainText(content: Content): string {
  return linesOf(content, () => '').join('\n');
}

/** What an empty node of these types lacks is text; any other is something to look at itself. */
const HOLDS_TEXT = /paragraph|heading|code|item|cell/i;

type NameOf = (type: string) => string;

function linesOf({ format, value }: Content, nameOf: NameOf): readonly string[] {
  switch (format) {
    case 'prosemirror':
      return childrenOf(value as JsonObject).map((block) => textOf(block, nameOf));
    case 'quill':
      return lines(quillText(value as QuillDocument, nameOf));
    case 'markdown':
    case 'text':
      return lines(value as string);
  }
}

/** Blocks inside a block are kept apart by a space. */
function textOf(node: JsonObject, nameOf: NameOf): string {
  if (isText(node)) return node.text as string;
  const children = childrenOf(node);
  if (children.length === 0) return nameOf(typeOf(node));
  let text = '';
  let apart = false;
  for (const child of children) {
    const inner = textOf(child, nameOf);
    if (text !== '' && inner !== '' && (apart || !isText(child))) text += ' ';
    text += inner;
    apart = !isText(child);
  }
  return text;
}

type QuillDocument = readonly QuillOp[] | { readonly ops: readonly QuillOp[] };

function quillText(document: QuillDocument, nameOf: NameOf): string {
  const ops = 'ops' in document ? document.ops : document;
  return ops
    .map(({ insert }) => (typeof insert === 'string' ? insert : nameOf(Object.keys(insert)[0] ?? 'embed')))
    .join('');
}

/** The break at the end of the last line starts no new one. */
function lines(text: string): readonly string[] {
  const all = text.split('\n');
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}
