import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';
import { findNodeModules, readReadmes } from '../../src/demo/readmes.ts';
import { openSchool } from '../../src/demo/school.ts';
import type { Queryable } from '../../src/postgres/queryable.ts';
import type { TestDatabase } from './database.ts';

/** The demo's school with fewer documents. */
export const fillSchool = (database: TestDatabase, documents: number): Promise<void> =>
  openSchool(database.pool, readReadmes(findNodeModules(), documents));

/** Its part of a config. */
export const schoolTables = {
  documents: {
    table: 'public.documents',
    columns: {
      id: 'id',
      owner: 'owner_id',
      content: 'content',
      revision: 'revision',
      updated_at: 'updated_at',
    },
    format: 'prosemirror',
    where: 'deleted_at is null',
  },
  users: { table: 'public.users', columns: { id: 'id' }, attributes: { school: 'school_id' } },
} as const;

interface Node {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[];
  readonly content?: readonly Node[];
}

/**
 * Documents whose two stores differ, by a decoder that is none of ours: real Yjs and y-prosemirror read the state. What
 * y-prosemirror itself cannot say (marks on nodes that are no text) is left out on both sides.
 */
export async function unequalDocuments(
  db: Queryable,
  tables: { readonly legacy: string; readonly content: string; readonly id: string },
  states = { table: 'local_first.documents', id: 'id', state: 'state' },
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string; content: string; state: Buffer | null }>(
    `select l.${tables.id}::text as id, l.${tables.content}::text as content, s.${states.state} as state
       from ${tables.legacy} l left join ${states.table} s on s.${states.id} = l.${tables.id}`,
  );
  return rows
    .filter(({ content, state }) => !state || decoded(state) !== legacy(content))
    .map(({ id }) => id);
}

function decoded(state: Buffer): string {
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, state);
  return JSON.stringify(plain(yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default')) as Node));
}

const legacy = (content: string): string => JSON.stringify(plain(JSON.parse(content) as Node));

function plain(node: Node): unknown {
  const isText = node.type === 'text';
  return {
    type: node.type,
    ...(isText ? { text: node.text, marks: [...(node.marks ?? [])].map(plainMark).sort() } : {}),
    attrs: attrsOf(node.attrs),
    content: joined(node.content ?? []).map(plain),
  };
}

const plainMark = (mark: NonNullable<Node['marks']>[number]): string =>
  JSON.stringify([mark.type, attrsOf(mark.attrs)]);

const attrsOf = (attrs: Readonly<Record<string, unknown>> = {}): unknown =>
  Object.entries(attrs)
    .filter(([, value]) => value !== null && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Neighbouring texts with the same marks are one text. */
function joined(nodes: readonly Node[]): readonly Node[] {
  const result: Node[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    const marksOf = (each: Node): string => JSON.stringify([...(each.marks ?? [])].map(plainMark).sort());
    if (last?.type === 'text' && node.type === 'text' && marksOf(last) === marksOf(node))
      result[result.length - 1] = { ...last, text: `${last.text}${node.text}` };
    else result.push(node);
  }
  return result;
}
