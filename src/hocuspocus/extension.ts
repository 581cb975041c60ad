import { DualpathError } from '../errors.ts';
import { deviceOf } from './device-of.ts';
import type { PushAndPull } from './live-replica.ts';
import { readSyncMessage } from './read-sync-message.ts';
import { refusalOf, refuse } from './refusal.ts';
import { openRoom, type Room } from './room.ts';
import type { DocumentPayload, LiveDocument, LoadPayload, MessagePayload } from './server-types.ts';

/** Fits into `extensions` of a Hocuspocus 3 server. */
export interface DualpathExtension {
  readonly extensionName: string;
  readonly priority: number;
  onLoadDocument(payload: LoadPayload): Promise<void>;
  beforeHandleMessage(payload: MessagePayload): Promise<void>;
  onStoreDocument(payload: DocumentPayload): Promise<void>;
  beforeUnloadDocument(payload: DocumentPayload): Promise<void>;
  afterUnloadDocument(payload: { readonly documentName: string }): Promise<void>;
  /**
   * Shows the connected clients of a document what was written past this server, such as a save of the legacy editor. Without
   * it they see that with the next change that one of them makes. Nothing happens where nobody has the document open.
   * @throws DualpathError as `pull` of the document store
   */
  refresh(documentName: string): Promise<void>;
}

/**
 * Lets a Hocuspocus server load and store its documents through dualpath. The name of a Hocuspocus document is the id of the
 * document in the legacy table. A change is acknowledged and shown to others when it is committed, never before.
 *
 * A client's device is `deviceId` of the context that the application's `onAuthenticate` returns, else the parameter
 * `deviceId` of the address that it connects to; it must be the same each time a device comes back. `epoch` is found
 * likewise. Each connection is a session.
 *
 * A client that is turned away finds `code: sentence` in the reason of its provider's `close`, or of
 * `authenticationFailed` if it was just connecting. The codes are those of the document store. Where the database cannot be
 * reached the socket is closed, so that the provider comes back by itself with what is not acknowledged.
 *
 * @param options.documents an open document store; whoever opened it closes it, after the server
 * @example
 * const documents = await openDocumentStore({ config: 'cohorts.yaml', pool });
 * const server = new Server({ port: 1234, extensions: [dualpathExtension({ documents })] });
 */
export function dualpathExtension({ documents }: { readonly documents: PushAndPull }): DualpathExtension {
  const rooms = new WeakMap<LiveDocument, Room>();
  const open = new Map<string, Room>();
  const roomOf = (document: LiveDocument): Room => {
    const room = rooms.get(document) ?? openRoom(documents, document);
    rooms.set(document, room);
    return room;
  };

  return {
    extensionName: 'dualpath',
    // After all others: what one of them refuses must not be pushed.
    priority: 0,

    async onLoadDocument(payload) {
      const { document } = payload;
      // Text typed into what somebody deleted would be gone from memory, and counted as known.
      document.gc = false;
      const room = roomOf(document);
      try {
        await room.load(deviceOf(payload));
      } catch (error) {
        if (!(error instanceof DualpathError)) throw error;
        // Refused here, a provider never comes again. Its first message asks once more, and can end the socket.
        if (!(error.retryable && isBrowser(payload))) throw refusalOf(error);
      }
      open.set(document.name, room);
    },

    async beforeHandleMessage(payload) {
      const { document, connection, update: bytes } = payload;
      const room = roomOf(document);
      try {
        const message = readSyncMessage(bytes);
        if (message.kind === 'asks') await room.answer(connection, deviceOf(payload), message.stateVector);
        // Hocuspocus itself turns down what a reader sends.
        if (message.kind === 'brings' && !connection.readOnly)
          await room.take(connection, deviceOf(payload), message);
      } catch (error) {
        throw refuse(error, document, connection);
      }
    },

    onStoreDocument: ({ document }) => roomOf(document).store(),

    // What still waits for its commit would be missing in memory if the document were opened again meanwhile.
    beforeUnloadDocument: ({ document }) => roomOf(document).store(),

    async afterUnloadDocument({ documentName }) {
      if (open.get(documentName)?.document.isDestroyed) open.delete(documentName);
    },

    async refresh(documentName) {
      await open.get(documentName)?.refresh();
    },
  };
}

/** A direct connection brings no headers, and hears of the failure. */
const isBrowser = ({ requestHeaders }: LoadPayload): boolean => Object.keys(requestHeaders).length > 0;
