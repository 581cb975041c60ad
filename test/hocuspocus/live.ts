import { createRequire } from 'node:module';
import { HocuspocusProvider } from '@hocuspocus/provider';
import { Server } from '@hocuspocus/server';
import { afterEach, expect } from 'vitest';
import * as prosemirror from 'y-prosemirror';
import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';
import { type DualpathExtension, dualpathExtension } from '../../src/hocuspocus.ts';
import type { DocumentStore } from '../../src/index.ts';
import { type Block, paragraph, show } from '../formats/push/editing.ts';

/** Node 20 has none of its own. */
const WebSocketPolyfill: unknown = createRequire(import.meta.url)('ws');

const open = new Set<{ close(): unknown }>();
afterEach(async () => {
  for (const each of [...open].reverse()) await each.close();
  open.clear();
});

export interface LiveServer {
  readonly url: string;
  readonly hocuspocus: Server['hocuspocus'];
  readonly dualpath: DualpathExtension;
  close(): Promise<void>;
}

/** A stock Hocuspocus server on loopback with the extension, in this process. */
export async function startServer(
  documents: Pick<DocumentStore, 'push' | 'pull'>,
  options: ConstructorParameters<typeof Server>[0] = {},
): Promise<LiveServer> {
  const dualpath = dualpathExtension({ documents });
  const server = new Server({
    port: 0,
    address: '127.0.0.1',
    quiet: true,
    stopOnSignals: false,
    ...options,
    extensions: [dualpath],
  });
  await server.listen();
  let closed = false;
  const live = {
    url: `ws://127.0.0.1:${server.address.port}`,
    hocuspocus: server.hocuspocus,
    dualpath,
    close: async () => {
      if (closed) return;
      closed = true;
      for (const socket of server.webSocketServer.clients) socket.terminate();
      await server.destroy();
    },
  };
  open.add(live);
  return live;
}

/** A stock provider and what its editor does with the document. */
export class Writer {
  readonly doc: Y.Doc;
  readonly provider: HocuspocusProvider;
  /** What the server said when it turned this client away. */
  readonly reasons: string[] = [];

  constructor(url: string, name: string, device: string | null, doc = new Y.Doc()) {
    this.doc = doc;
    this.provider = new HocuspocusProvider({
      url: device === null ? url : `${url}/?deviceId=${device}`,
      name,
      document: doc,
      token: 'a token',
      // @ts-expect-error the provider hands it on to the socket that it opens itself
      WebSocketPolyfill,
      delay: 100,
      minDelay: 100,
      onClose: ({ event }) => this.reasons.push(event.reason),
      onAuthenticationFailed: ({ reason }) => this.reasons.push(reason),
    });
    open.add({ close: () => this.provider.destroy() });
  }

  static async open(url: string, name: string, device: string | null, doc?: Y.Doc): Promise<Writer> {
    const writer = new Writer(url, name, device, doc);
    await writer.acknowledged();
    return writer;
  }

  /** Until the server has acknowledged all that was written. */
  async acknowledged(): Promise<void> {
    await expect
      .poll(() => [this.provider.synced, this.provider.unsyncedChanges], { timeout: 15_000, interval: 5 })
      .toEqual([true, 0]);
  }

  async offline(): Promise<void> {
    this.provider.disconnect();
    await expect.poll(() => this.provider.synced, { timeout: 15_000 }).toBe(false);
  }

  async online(): Promise<void> {
    await this.provider.connect();
    await this.acknowledged();
  }

  /** Until the server has received all that it sent, though it may have taken in nothing of it: it passes cursors on at once. */
  async isHeardBy(other: Writer): Promise<void> {
    const mark = Math.random();
    this.provider.awareness?.setLocalStateField('mark', mark);
    const heard = () => other.provider.awareness?.getStates().get(this.doc.clientID)?.mark;
    await expect.poll(heard, { timeout: 15_000, interval: 5 }).toBe(mark);
  }

  /** The paragraphs that its editor shows. */
  get texts(): readonly string[] {
    return textsOf(this.doc);
  }

  async shows(...texts: readonly string[]): Promise<void> {
    await expect.poll(() => this.texts, { timeout: 15_000 }).toEqual(texts);
  }

  /** Types into a paragraph, as an editor does: only the new text. */
  type(index: number, at: number, text: string): void {
    const element = this.doc.getXmlFragment('default').get(index) as Y.XmlElement;
    (element.get(0) as Y.XmlText).insert(at, text);
  }

  /** Changes the paragraphs as y-prosemirror writes that: a split cuts the first and inserts a copy of the rest. */
  edit(...texts: readonly string[]): void {
    this.change(() => texts.map(paragraph));
  }

  change(change: (blocks: readonly Block[]) => readonly Block[]): void {
    show(prosemirror, this.doc, change);
  }
}

export const textsOf = (doc: Y.Doc): readonly string[] =>
  (
    yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default')) as {
      content: readonly { content?: readonly { text?: string }[] }[];
    }
  ).content.map(({ content }) => (content ?? []).map(({ text }) => text ?? '').join(''));
