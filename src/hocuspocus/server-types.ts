import type * as Y from 'yjs';

/**
 * What the extension touches of a Hocuspocus server, as shapes: importing it loads nothing of Hocuspocus, and its types ask
 * for none.
 */
export interface LiveDocument extends Y.Doc {
  readonly name: string;
  readonly connections: Map<unknown, { readonly connection: LiveConnection }>;
}

export interface LiveConnection {
  readonly readOnly: boolean;
  readonly webSocket: { close(code?: number, reason?: string): void };
  close(event?: { readonly code: number; readonly reason: string }): void;
}

/** Of every hook that concerns one client. */
export interface ClientFacts {
  /** What the application's own `onAuthenticate` and `onConnect` gave. */
  readonly context: unknown;
  /** The query of the address that the provider connected to. */
  readonly requestParameters: URLSearchParams;
}

export interface LoadPayload extends ClientFacts {
  readonly document: LiveDocument;
  /** Empty for a direct connection, which no browser opened. */
  readonly requestHeaders: object;
}

export interface MessagePayload extends ClientFacts {
  readonly document: LiveDocument;
  readonly connection: LiveConnection;
  /** The whole message, not yet looked at. */
  readonly update: Uint8Array;
}

export interface DocumentPayload {
  readonly document: LiveDocument;
}
