import { schema } from 'prosemirror-markdown';
import { prosemirrorJSONToYXmlFragment, yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';

/**
 * An application that writes both of its tables by itself, in two statements, with Yjs and y-prosemirror and nothing of
 * dualpath's. Its documents have a title and comments beside the text, and collect their garbage.
 */
export interface PlainProgram {
  /** A new document: both rows, unless one of them is lost. */
  create(id: string, owner: string, text: string, fault?: Fault): Promise<void>;
  /** Makes a state for a document that has none, which only the application can. */
  adopt(id: string): Promise<void>;
  /** Types a word into the document and saves it. */
  type(id: string, word: string, fault?: Fault): Promise<void>;
  /** Writes beside the text, where only the state has it. */
  comment(id: string, text: string): Promise<void>;
  /** The classic mistake: fills the document from its row once more, as if it had been empty. */
  seedAgain(id: string): Promise<void>;
  /** Puts right what went wrong with a document: both stores from what its users see. */
  mend(id: string): Promise<void>;
  /** Saves to one store alone, as before the program wrote both. */
  typeAsBefore(id: string, word: string): Promise<void>;
}

export interface Fault {
  /** This write is lost. */
  readonly lose?: 'legacy' | 'local-first';
  /** The second write waits for this. */
  readonly until?: Promise<void>;
}

interface Database {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

export const PROGRAM_TABLE = `
  create schema app;
  create table app.ydocs (name text primary key, data bytea not null, opened integer not null default 0)`;

/** The program's part of a config. */
export const PROGRAM_KEYS = {
  write_path: 'own',
  local_first: { table: 'app.ydocs', columns: { id: 'name', state: 'data' } },
} as const;

export function plainProgram(db: Database): PlainProgram {
  const open = new Map<string, Y.Doc>();
  const fragmentOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment('default');
  const jsonOf = (doc: Y.Doc): unknown => yXmlFragmentToProsemirrorJSON(fragmentOf(doc));

  async function load(id: string): Promise<Y.Doc> {
    const known = open.get(id);
    if (known) return known;
    const doc = new Y.Doc();
    const { rows } = await db.query('select data from app.ydocs where name = $1', [id]);
    if (!rows[0]) throw new Error(`the program has no ${id}`);
    Y.applyUpdate(doc, rows[0].data as Uint8Array);
    open.set(id, doc);
    return doc;
  }

  async function write(id: string, doc: Y.Doc, { lose, until }: Fault = {}): Promise<void> {
    const legacy = JSON.stringify(jsonOf(doc));
    const state = Buffer.from(Y.encodeStateAsUpdate(doc));
    if (lose !== 'legacy')
      await db.query('update public.documents set content = $2, revision = revision + 1 where id = $1', [
        id,
        legacy,
      ]);
    await until;
    if (lose !== 'local-first')
      await db.query(
        'insert into app.ydocs (name, data) values ($1, $2) on conflict (name) do update set data = excluded.data',
        [id, state],
      );
  }

  function typeInto(doc: Y.Doc, word: string): void {
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [new Y.XmlText(`said of ${word.replaceAll(' ', '-')}`)]);
    doc.transact(() => {
      const blocks = fragmentOf(doc);
      const first = blocks.length > 0 ? blocks.get(0) : null;
      const text = first instanceof Y.XmlElement && first.length > 0 ? first.get(0) : null;
      if (text instanceof Y.XmlText) text.insert(text.length, ` ${word}`);
      blocks.insert(blocks.length, [paragraph]);
    });
  }

  return {
    async create(id, owner, text, { lose, until } = {}) {
      const doc = new Y.Doc();
      doc.getText('title').insert(0, `About ${id}`);
      typeInto(doc, text);
      open.set(id, doc);
      if (lose !== 'legacy')
        await db.query('insert into public.documents (id, owner_id, content) values ($1, $2, $3)', [
          id,
          owner,
          JSON.stringify(jsonOf(doc)),
        ]);
      await until;
      if (lose !== 'local-first')
        await db.query('insert into app.ydocs (name, data) values ($1, $2)', [
          id,
          Buffer.from(Y.encodeStateAsUpdate(doc)),
        ]);
    },
    async adopt(id) {
      const { rows } = await db.query('select content from public.documents where id = $1', [id]);
      const doc = new Y.Doc();
      prosemirrorJSONToYXmlFragment(schema, rows[0]?.content, fragmentOf(doc));
      open.set(id, doc);
      await write(id, doc);
    },
    async type(id, word, fault) {
      const doc = await load(id);
      typeInto(doc, word);
      await write(id, doc, fault);
    },
    async comment(id, text) {
      const doc = await load(id);
      doc.getMap('comments').set(`c-${doc.getMap('comments').size}`, text);
      await db.query('update app.ydocs set data = $2 where name = $1', [
        id,
        Buffer.from(Y.encodeStateAsUpdate(doc)),
      ]);
    },
    async seedAgain(id) {
      const { rows } = await db.query('select content from public.documents where id = $1', [id]);
      const again = new Y.Doc();
      prosemirrorJSONToYXmlFragment(schema, rows[0]?.content, fragmentOf(again));
      const { rows: states } = await db.query('select data from app.ydocs where name = $1', [id]);
      const doubled = Y.mergeUpdates([states[0]?.data as Uint8Array, Y.encodeStateAsUpdate(again)]);
      open.delete(id);
      await db.query('update app.ydocs set data = $2 where name = $1', [id, Buffer.from(doubled)]);
    },
    async mend(id) {
      const { rows } = await db.query('select content from public.documents where id = $1', [id]);
      const known = open.get(id);
      if (known) {
        const exists = rows.length > 0;
        if (!exists)
          await db.query(`insert into public.documents (id, owner_id, content) values ($1, 'u-1', '{}')`, [
            id,
          ]);
        return write(id, known);
      }
      const doc = await load(id);
      const blocks = fragmentOf(doc);
      const { content } = (rows[0]?.content ?? { content: [] }) as { content: unknown[] };
      const wanted = content.length;
      doc.transact(() => blocks.delete(wanted, blocks.length - wanted));
      await write(id, doc);
    },
    async typeAsBefore(id, word) {
      await db.query(
        `update public.documents set revision = revision + 1,
                content = jsonb_insert(content, '{content,0}', jsonb_build_object('type', 'paragraph', 'content',
                  jsonb_build_array(jsonb_build_object('type', 'text', 'text', $2::text))))
          where id = $1`,
        [id, word],
      );
    },
  };
}
