import type * as Y from 'yjs';
import { UnconvertibleError } from '../errors.ts';
import type { StateShape } from './client-id.ts';
import { type Content, contentOf, refuseTooLarge, writeLegacy } from './content.ts';
import { quillFrom } from './layout.ts';
import { readBeside, readJson, unexpected, type YOp } from './live-tree.ts';
import { UndecodableError } from './undecodable-error.ts';
import { openUpdates } from './yjs-state.ts';

/**
 * The content of a Yjs V1 state: Yjs applies it and its types are walked. Shares no step with the encoder of seeds but
 * the canonical form, so that one can prove the other. The bytes are left as they are.
 * @throws UndecodableError
 */
export function decodeState(state: Uint8Array, shape: StateShape): Content {
  return readDoc(openUpdates(state), shape);
}

/**
 * The content that a Y.Doc holds now.
 * @throws UndecodableError `state-unexpected`
 */
export function readDoc(doc: Y.Doc, shape: StateShape): Content {
  try {
    const content = contentOf(shape.format, rawContent(doc, shape));
    refuseTooLarge(writeLegacy(content));
    return content;
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    if (error instanceof UnconvertibleError)
      throw new UndecodableError('state-unexpected', inState(error.message));
    // Whatever else is thrown comes out of Yjs, from structs that no editor writes.
    throw new UndecodableError('state-corrupt', 'The Yjs state is damaged: Yjs cannot read it.');
  }
}

function rawContent(doc: Y.Doc, { format, fragment }: StateShape): unknown {
  switch (format) {
    case 'prosemirror':
      return readJson(doc, fragment);
    case 'quill':
      return quillFrom(readBeside(doc, fragment), doc.getText(fragment).toDelta());
    case 'markdown':
    case 'text':
      return plainText(doc.getText(fragment).toDelta());
  }
}

function plainText(ops: readonly YOp[]): string {
  let text = '';
  for (const { insert, attributes } of ops) {
    if (typeof insert !== 'string') throw unexpected('an embed inside text');
    if (attributes !== undefined) throw unexpected('formats on plain text');
    text += insert;
  }
  return text;
}

function inState(message: string): string {
  return `The Yjs state cannot be read as a document. ${message}`;
}
