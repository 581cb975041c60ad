import * as tiptap from '@tiptap/y-tiptap';
import { schema } from 'prosemirror-markdown';
import { Node } from 'prosemirror-model';
import * as prosemirror from 'y-prosemirror';
import type * as Y from 'yjs';

export const EDITORS = [
  ['y-prosemirror', prosemirror],
  ['y-tiptap', tiptap],
] as const;

export type Editor = (typeof EDITORS)[number][1];

export interface Block {
  readonly type: string;
  readonly attrs?: object;
  readonly content?: readonly object[];
}

export const paragraph = (text: string): Block => ({
  type: 'paragraph',
  content: text === '' ? [] : [{ type: 'text', text }],
});

export const documentOf = (...blocks: readonly Block[]) => JSON.stringify({ type: 'doc', content: blocks });

/** Sets what an editor shows to other blocks: its binding syncs what differs into the Y.Doc. */
export function show(
  editor: Editor,
  doc: Y.Doc,
  change: (blocks: readonly Block[]) => readonly Block[],
): void {
  const fragment = doc.getXmlFragment('default');
  const { doc: shown, meta } = editor.initProseMirrorDoc(fragment, schema);
  const { content = [] } = shown.toJSON() as { content?: readonly Block[] };
  const next = Node.fromJSON(schema, { type: 'doc', content: change(content) });
  doc.transact(() => editor.updateYFragment(doc, fragment, next, meta));
}

/** The blocks with every text changed by a function. */
export function retext(blocks: readonly Block[], change: (text: string) => string): readonly Block[] {
  return JSON.parse(
    JSON.stringify(blocks, (key, value) =>
      key === 'text' && typeof value === 'string' ? change(value) : value,
    ),
  ) as readonly Block[];
}
