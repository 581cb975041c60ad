import { createRequire } from 'node:module';
import { Database } from '@hocuspocus/extension-database';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { Server } from '@hocuspocus/server';
import { schema } from 'prosemirror-markdown';
import { prosemirrorJSONToYXmlFragment, yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';

const WebSocketPolyfill: unknown = createRequire(import.meta.url)('ws');

interface Db {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** What the server does wrong, until it is told otherwise. */
export interface ServerFaults {
  /** Documents whose state is not stored; whose legacy row is not written. */
  readonly stateless: Set<string>;
  readonly rowless: Set<string>;
  /** Documents that are filled from their rows when they are opened, though they have a state: every block twice. */
  readonly seeding: Set<string>;
}

export interface HocuspocusProgram {
  readonly faults: ServerFaults;
  /** Opens a document in an editor over the websocket, types a word, waits until the server has it, closes it. */
  type(id: string, word: string): Promise<void>;
  /** The same with what an editor may do to the fragment and beside it. */
  edit(id: string, change: (doc: Y.Doc) => void): Promise<void>;
  /** Stores what the server still holds in memory. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export const HOCUSPOCUS_TABLE =
  'create table public.hocuspocus (name text primary key, data bytea not null, stored_at timestamptz default now())';

export const HOCUSPOCUS_KEYS = {
  write_path: 'own',
  local_first: { table: 'public.hocuspocus', columns: { id: 'name', state: 'data' } },
} as const;

/**
 * A stock Hocuspocus server on a port of its own: its database extension keeps the states, its store hook writes the legacy
 * row. Nothing here is dualpath's.
 */
export async function hocuspocusProgram(db: Db): Promise<HocuspocusProgram> {
  const faults: ServerFaults = { stateless: new Set(), rowless: new Set(), seeding: new Set() };
  const server = new Server({
    port: 0,
    address: '127.0.0.1',
    quiet: true,
    stopOnSignals: false,
    debounce: 20,
    maxDebounce: 100,
    extensions: [
      new Database({
        fetch: async ({ documentName }) => {
          const { rows } = await db.query('select data from hocuspocus where name = $1', [documentName]);
          return (rows[0]?.data as Uint8Array | undefined) ?? null;
        },
        store: async ({ documentName, state }) => {
          if (faults.stateless.has(documentName)) return;
          await db.query(
            `insert into hocuspocus (name, data) values ($1, $2)
             on conflict (name) do update set data = excluded.data, stored_at = now()`,
            [documentName, state],
          );
        },
      }),
    ],
    async onLoadDocument({ document, documentName }) {
      if (!faults.seeding.has(documentName)) return;
      const { rows } = await db.query('select content from documents where id = $1', [documentName]);
      const again = new Y.Doc();
      prosemirrorJSONToYXmlFragment(schema, rows[0]?.content, again.getXmlFragment('default'));
      Y.applyUpdate(document, Y.encodeStateAsUpdate(again));
    },
    async onStoreDocument({ document, documentName }) {
      if (faults.rowless.has(documentName)) return;
      const content = yXmlFragmentToProsemirrorJSON(document.getXmlFragment('default'));
      await db.query('update documents set content = $2, revision = revision + 1 where id = $1', [
        documentName,
        JSON.stringify(content),
      ]);
    },
  });
  await server.listen();

  async function edit(id: string, change: (doc: Y.Doc) => void): Promise<void> {
    const websocketProvider = new HocuspocusProviderWebsocket({
      url: server.webSocketURL,
      WebSocketPolyfill,
    });
    const provider = new HocuspocusProvider({ websocketProvider, name: id, document: new Y.Doc() });
    provider.attach();
    try {
      await new Promise<void>((resolve) => provider.on('synced', () => resolve()));
      change(provider.document);
      while (provider.hasUnsyncedChanges)
        await new Promise<void>((resolve) => provider.on('unsyncedChanges', () => resolve()));
    } finally {
      provider.destroy();
      websocketProvider.destroy();
    }
  }

  return {
    faults,
    edit,
    type: (id, word) => edit(id, (doc) => typeInto(doc, word)),
    async flush() {
      while (server.hocuspocus.getDocumentsCount() > 0)
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: () => server.destroy(),
  };
}

function typeInto(doc: Y.Doc, word: string): void {
  const blocks = doc.getXmlFragment('default');
  doc.transact(() => {
    const last = blocks.length > 0 ? blocks.get(blocks.length - 1) : null;
    const text = last instanceof Y.XmlElement && last.length > 0 ? last.get(0) : null;
    if (text instanceof Y.XmlText) return text.insert(text.length, ` ${word}`);
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [new Y.XmlText(word)]);
    blocks.insert(blocks.length, [paragraph]);
  });
}
