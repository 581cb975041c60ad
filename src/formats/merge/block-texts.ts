import type { Content } from '../content.ts';
import type { JsonObject } from '../json.ts';
import type { QuillOp } from '../quill.ts';

/** The top-level blocks of a content, each as a line of plain text; of plain text and Markdown, its lines. */
export function blockTexts({ format, value }: Content): readonly string[] {
  switch (format) {
    case 'prosemirror':
      return childrenOf(value as JsonObject).map(textOf);
    case 'quill':
      return lines(quillText(value as { readonly ops: readonly QuillOp[] }));
    case 'markdown':
    case 'text':
      return lines(value as string);
  }
}

/** All text in a node, its blocks separated by spaces; what is not text is named by its type. */
export function textOf(node: JsonObject): string {
  if (node.type === 'text') return node.text as string;
  const children = childrenOf(node);
  if (children.length === 0) return '';
  let text = '';
  let afterBlock = false;
  for (const child of children) {
    const inner = child.type === 'text' || child.content !== undefined ? textOf(child) : `[${child.type}]`;
    const isBlock = child.type !== 'text';
    if (text !== '' && inner !== '' && (isBlock || afterBlock)) text += ' ';
    text += inner;
    afterBlock = isBlock;
  }
  return text;
}

function childrenOf(node: JsonObject): readonly JsonObject[] {
  return (node.content ?? []) as readonly JsonObject[];
}

function quillText({ ops }: { readonly ops: readonly QuillOp[] }): string {
  return ops
    .map(({ insert }) => (typeof insert === 'string' ? insert : `[${Object.keys(insert)[0] ?? 'embed'}]`))
    .join('');
}

/** The break at the end of the last line starts no new one. */
function lines(text: string): readonly string[] {
  const all = text.split('\n');
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}
