import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';
import type { Stores } from '../../src/documents/stores.ts';
import { quoteIdent } from '../../src/postgres/identifiers.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';

/** The plain text of a document's state, read by Yjs and y-prosemirror; null where it has none. */
export async function textOf(db: Queryable, stores: Stores, id: string): Promise<string | null> {
  const { rows } = await db.query<{ state: Buffer }>(
    `select ${quoteIdent(stores.localFirst.state.name)} as state from ${stores.localFirst.quoted}
      where ${quoteIdent(stores.localFirst.id.name)}::text = $1`,
    [id],
  );
  const [row] = rows;
  return row ? decodedText(row.state) : null;
}

export function decodedText(state: Uint8Array): string {
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, state);
  return plainText(yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default')));
}

interface Node {
  readonly text?: string;
  readonly content?: readonly Node[];
}

export const plainText = (node: unknown): string => {
  const { text, content } = node as Node;
  return text ?? (content ?? []).map(plainText).join('');
};
